import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../network/free-ports.ts'
import { startProgram, untilReady } from './program.ts'
import { toolPath, type Tool } from './tool-path.ts'

/** A program of the Prometheus project, with a folder of its own. */
interface Monitor {
  /** `127.0.0.1:PORT` */
  readonly address: string
  close(): Promise<void>
}

const readyWithin = 30_000 // milliseconds

/** An Alertmanager that sends everything to one webhook at once. */
export async function startAlertmanager(receiver: string): Promise<Monitor> {
  const configuration = {
    route: {
      receiver: 'test',
      group_by: ['...'],
      group_wait: '0s',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'test', webhook_configs: [{ url: receiver, send_resolved: true }] }],
  }
  return start('alertmanager', { 'alertmanager.yml': configuration }, (folder, address) => [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    // No cluster: that port would be open to the world.
    '--cluster.listen-address=',
  ])
}

export interface PrometheusOptions {
  readonly scrape: {
    /** `127.0.0.1:PORT` */
    readonly target: string
    /** What the operator would add: those of Patchline's own pod. */
    readonly labels: Readonly<Record<string, string>>
    readonly honorLabels: boolean
  }
  /** What is in a rules file. */
  readonly rules: unknown
  /** `127.0.0.1:PORT` */
  readonly alertmanager: string
}

/** A Prometheus that scrapes one target and looks at its rules each second. */
export async function startPrometheus({ scrape, rules, alertmanager }: PrometheusOptions): Promise<Monitor> {
  const configuration = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [
      {
        job_name: 'patchline',
        honor_labels: scrape.honorLabels,
        static_configs: [{ targets: [scrape.target], labels: scrape.labels }],
      },
    ],
  }
  const files = { 'prometheus.yml': configuration, 'rules.yml': rules }
  return start('prometheus', files, (folder, address) => [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
  ])
}

async function start(
  tool: Tool,
  files: Readonly<Record<string, unknown>>,
  argsOf: (folder: string, address: string) => readonly string[],
): Promise<Monitor> {
  const folder = await mkdtemp(join(tmpdir(), `patchline-${tool}-`))
  // JSON is YAML.
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content))
  const [port = 0] = await freePorts(1)
  const address = `127.0.0.1:${port}`
  const log = join(folder, 'log')
  const program = startProgram({ name: tool, path: toolPath(tool), args: argsOf(folder, address), log })
  async function close(): Promise<void> {
    await program.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilReady([program], readyWithin, () => isReady(address))
    return { address, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function isReady(address: string): Promise<true | undefined> {
  try {
    return (await fetch(`http://${address}/-/ready`)).ok || undefined
  } catch {
    return undefined
  }
}
