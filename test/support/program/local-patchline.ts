import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { entry as main } from './entry.ts'
import { createCertificates } from '../../../src/certificates/index.ts'
import { freePorts } from '../network/free-ports.ts'
import { startProgram, untilReady } from './program.ts'

// Half a second on two idle cores; this is for a machine that runs other tests at the same time.
const readyWithin = 120_000

/** `patchline serve` as a process of its own, as an operator runs it. */
export interface LocalPatchline {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string
  /** Of the operations port: `http://127.0.0.1:PORT` */
  readonly operations: string
  /** The authority that signed for it, PEM. */
  readonly authority: string
  /** The file that its log goes to. */
  readonly log: string
  readonly pid: number | undefined
  /** Says how it ended; undefined while it runs. */
  ending(): string | undefined
  close(): Promise<void>
}

/** How Node runs it: by its sources, unless they are to be measured. */
export interface ProgramAsRun {
  readonly program?: string
  readonly nodeFlags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The secret path that its webhook has, as the manifests give it one; none if not given. */
  readonly secretPath?: string
  /** What `webhook` in its configuration says instead of what a test usually needs. */
  readonly webhook?: LocalWebhook
  /** How long it may take to end before it is killed; three seconds if not given. */
  readonly stopGraceMs?: number
}

/** A file by its absolute path. */
export interface LocalWebhook {
  readonly port?: number
  readonly certificateFile?: string
  readonly keyFile?: string
  readonly pathFile?: string
  readonly clientCaFile?: string
  readonly clientNames?: readonly string[]
  readonly drainSeconds?: number
}

/**
 * Starts it with a fresh pair and `configuration` (YAML) besides addresses and certificates, and waits
 * until it is ready.
 */
export async function startPatchline(
  configuration: string,
  {
    program: entry = main,
    nodeFlags = [],
    environment,
    secretPath,
    webhook: differences = {},
    stopGraceMs,
  }: ProgramAsRun = {},
): Promise<LocalPatchline> {
  const directory = await mkdtemp(join(tmpdir(), 'patchline-local-'))
  const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1', 'localhost'], now: Date.now() })
  const [free, operations] = await freePorts(2)
  const { port = free } = differences
  const usual = usualWebhook(secretPath)
  const files = {
    'tls.crt': serving.certificate,
    'tls.key': serving.key,
    path: secretPath ?? '',
    'patchline.yaml': `
webhook: ${JSON.stringify({ ...usual, ...differences, port })}
operations: { address: 127.0.0.1, port: ${operations} }
${configuration}`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  const log = join(directory, 'patchline.log')
  const program = startProgram({
    name: 'patchline',
    path: execPath,
    args: [...nodeFlags, entry, 'serve', '--config', join(directory, 'patchline.yaml')],
    log,
    stopGraceMs,
    ...(environment && { environment }),
  })
  const addresses = { origin: `https://127.0.0.1:${port}`, operations: `http://127.0.0.1:${operations}` }
  async function close(): Promise<void> {
    await program.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await untilReady([program], readyWithin, () => isReady(addresses.operations))
    const { pid } = program
    return { ...addresses, authority: ca.certificate, log, pid, ending: () => program.ending(), close }
  } catch (error) {
    await close()
    throw error
  }
}

function usualWebhook(secretPath: string | undefined) {
  const webhook = {
    address: '127.0.0.1',
    certificateFile: 'tls.crt',
    keyFile: 'tls.key',
    drainSeconds: 0,
  }
  return secretPath === undefined ? webhook : { ...webhook, pathFile: 'path' }
}

async function isReady(operations: string): Promise<true | undefined> {
  try {
    return (await fetch(`${operations}/readyz`)).ok || undefined
  } catch {
    return undefined
  }
}
