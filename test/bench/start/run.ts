// Starts `serve` as the image does, from dist/ and from bundle/ in turns, with an API server and a registry beside it:
// `npm run bench:start`. Arguments: other programs. ROUNDS says how often (7); each takes some eight seconds.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { request } from 'node:https'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createCertificates } from '../../../src/certificates/index.ts'
import { FakeNamespaces, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { reviewOf } from '../../siege/reviews.ts'
import { freePorts } from '../../support/network/free-ports.ts'
import { imageCommand } from '../../support/program/image-command.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const rounds = Number(process.env['ROUNDS'] ?? 7)
const idleSeconds = 5

/** Milliseconds and bytes of one start. */
interface Start {
  readonly version: number
  readonly ready: number
  readonly readyCpu: number
  readonly idle: number
  readonly reviewed: number
}

const { nodeFlags, environment } = imageCommand(root)
const directory = mkdtempSync(join(tmpdir(), 'patchline-start-'))
const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
const namespaces = new FakeNamespaces()
for (let n = 0; n < 50; n += 1) namespaces.set(`team-${n}`, {})
const cluster = await startApiServer(namespaces.handler)
const registry = await startMemoryRegistry({ repositories: { nginx: ['1.25.1', '1.25.5'] } })
const [webhook = 0, operations = 0] = await freePorts(2)
const config = writeConfiguration()

const programs = process.argv.length > 2 ? process.argv.slice(2) : ['dist/main.js', 'bundle/main.js']
const starts = new Map<string, Start[]>(programs.map(program => [program, []]))
try {
  for (let round = 0; round < rounds; round += 1)
    // oxlint-disable-next-line eslint/no-await-in-loop -- one at a time
    for (const [program, list] of starts) list.push(await measure(program))
} finally {
  await cluster.close()
  await registry.close()
  rmSync(directory, { recursive: true })
}
report()

function writeConfiguration(): string {
  const path = join(directory, 'patchline.yaml')
  writeFileSync(join(directory, 'tls.crt'), serving.certificate)
  writeFileSync(join(directory, 'tls.key'), serving.key)
  writeFileSync(
    path,
    `
webhook: { address: 127.0.0.1, port: ${webhook}, certificateFile: tls.crt, keyFile: tls.key, drainSeconds: 0 }
operations: { address: 127.0.0.1, port: ${operations}, authentication: kubernetes }
kubernetes: { kubeconfig: ${cluster.kubeconfig(directory)} }
catalog: { directory: ${join(directory, 'catalog')} }
publicRegistries: false
registries: [{ host: '${registry.host}', insecure: true }]
`,
  )
  return path
}

async function measure(program: string): Promise<Start> {
  const version = await run(program, ['--version'])
  const from = performance.now()
  const child = start(program, ['serve', '--config', config])
  const { pid = 0 } = child
  try {
    while (!(await isReady())) {
      if (child.exitCode !== null) throw new Error(`${program} does not serve`)
      await sleep(2)
    }
    const ready = performance.now() - from
    const readyCpu = cpuOf(pid)
    await sleep(idleSeconds * 1000)
    const idle = residentOf(pid)
    await review()
    await sleep(1000)
    return { version, ready, readyCpu, idle, reviewed: residentOf(pid) }
  } finally {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  }
}

function start(program: string, args: readonly string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: directory, ...environment }
  return spawn(process.execPath, [...nodeFlags, program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
}

async function run(program: string, args: readonly string[]): Promise<number> {
  const from = performance.now()
  await once(start(program, args), 'exit')
  return performance.now() - from
}

function isReady(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  get({ host: '127.0.0.1', port: operations, path: '/readyz', agent: false }, response => {
    response.resume()
    resolve(response.statusCode === 200)
  }).on('error', () => resolve(false))
  return promise
}

async function review(): Promise<void> {
  const sent = request({
    host: '127.0.0.1',
    port: webhook,
    path: '/validate?timeout=3s',
    method: 'POST',
    ca: ca.certificate,
    headers: { 'content-type': 'application/json' },
    agent: false,
  })
  sent.end(reviewOf('one', [`${registry.host}/nginx:1.25.1`]))
  const [response] = await once(sent, 'response')
  if (response.statusCode !== 200) throw new Error(`a review is answered with ${response.statusCode}`)
  await once(response.resume(), 'end')
}

// All threads: the ticks of user and system, of which Linux has a hundred a second.
function cpuOf(pid: number): number {
  const [, fields = ''] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const [user, system] = fields.split(' ').slice(11, 13).map(Number)
  return ((user ?? 0) + (system ?? 0)) * 10
}

function residentOf(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

function report(): void {
  console.log(
    `medians of ${rounds} starts; ${availableParallelism()} processors, load ${loadavg().join(' ')}`,
  )
  cells('', programs)
  row('--version', 'version', milliseconds)
  row('ready', 'ready', milliseconds)
  row('CPU until ready', 'readyCpu', milliseconds)
  row(`resident after ${idleSeconds} s idle`, 'idle', mebibytes)
  row('resident after the first review', 'reviewed', mebibytes)
}

function row(name: string, key: keyof Start, unit: (value: number) => string): void {
  cells(
    name,
    [...starts.values()].map(list => unit(medianOf(list.map(each => each[key])))),
  )
}

function cells(name: string, values: readonly string[]): void {
  console.log(name.padEnd(34) + values.map(value => value.padStart(18)).join(''))
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`
}

function mebibytes(value: number): string {
  return `${(value / 1024 / 1024).toFixed(1)} MiB`
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN
}
