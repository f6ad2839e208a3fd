import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request, Agent } from 'node:https'
import { connect, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'
import { execPath } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { freePorts } from '../support/network/free-ports.ts'
import { startProgram, type Program } from '../support/program/program.ts'
import { serviceAccountConfig } from './audit-rights.ts'
import type { ControlPlane } from './control-plane.ts'
import { kubectl } from './kubectl.ts'
import { must, toolsFor } from './tools.ts'

/** How long certificates last in these tests, milliseconds: a whole rotation takes a minute, and a busy machine still renews in time. */
export const timing = {
  authority: 45_000,
  leaf: 20_000,
  backdating: 2_000,
  propagation: 2_000,
  look: 300,
  pathTakeover: 1_000,
}

const manifests = join(import.meta.dirname, '../../manifests')

/** A Service that leads to the ready replicas of this machine, one after the other. */
export interface LocalService {
  readonly port: number
  readonly replicas: ManagedReplica[]
  close(): void
}

/** Starts it: connections go to replicas that are ready, as endpoints of a Service do. */
export async function startService(): Promise<LocalService> {
  const [port = 0] = await freePorts(1)
  const replicas: ManagedReplica[] = []
  let turn = 0
  const server: Server = createServer({ pauseOnConnect: true }, socket => {
    const ready = replicas.filter(one => one.isReady())
    const target = ready[turn++ % Math.max(1, ready.length)]
    if (target === undefined) return void socket.destroy()
    const onward = connect(target.port, '127.0.0.1', () => socket.pipe(onward).pipe(socket))
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.resume()
  })
  server.listen(port)
  return { port, replicas, close: () => void server.close() }
}

/** Creates what the manifests with managed certificates have but for the Deployments, with the Service of this machine. */
export async function installManaged(
  cluster: ControlPlane,
  { folder, service }: { readonly folder: string; readonly service: LocalService },
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const way = relative(folder, manifests)
  const kustomization = { resources: [way], components: [`${way}/managed-certificates`] }
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization))
  const rendered = await must(kubectl(cluster, ['kustomize', folder]))
  const objects = parseAllDocuments(rendered.stdout).map(document => document.toJS())
  const wanted = objects.filter(({ kind }) => !['Deployment', 'Service'].includes(kind))
  const { create } = toolsFor(cluster)
  const port = service.port
  for (const object of wanted) {
    for (const webhook of object.webhooks ?? []) {
      webhook.clientConfig.service.port = port
      // What is not judged fails, so that it is seen.
      webhook.failurePolicy = 'Fail'
    }
  }
  await create(wanted.map(object => stringify(object)).join('---\n'))
  await create(
    stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'patchline', namespace: 'patchline-system' },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    }),
  )
}

/** A `patchline serve` of its own with the rights of the manifests. */
export interface ManagedReplica {
  readonly port: number
  readonly pid: number | undefined
  isReady(): boolean
  /** What `/readyz` says; empty where nothing answers. */
  readiness(): Promise<string>
  metrics(): Promise<string>
  /** The messages of its log with one of these texts. */
  logged(message: string): readonly Readonly<Record<string, unknown>>[]
  stop(): Promise<void>
}

/** Starts a replica; it is not waited for. */
export async function startReplica(
  cluster: ControlPlane,
  { folder, settings = timing }: { readonly folder: string; readonly settings?: Partial<typeof timing> },
): Promise<ManagedReplica> {
  mkdirSync(folder, { recursive: true })
  const [port = 0, operations = 0] = await freePorts(2)
  const account = { namespace: 'patchline-system', name: 'patchline' }
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, await serviceAccountConfig(cluster, account))
  const file = join(folder, 'patchline.yaml')
  writeFileSync(
    file,
    stringify({
      webhook: { address: '127.0.0.1', port, drainSeconds: 0, certificates: { source: 'managed' } },
      operations: { address: '127.0.0.1', port: operations },
      publicRegistries: false,
      kubernetes: { kubeconfig },
    }),
  )
  const log = join(folder, 'log')
  const args = [join(import.meta.dirname, 'managed-serve.ts'), file, JSON.stringify(settings)]
  const program: Program = startProgram({ name: 'patchline', path: execPath, args, log })
  const ask = async (path: string): Promise<string> => {
    try {
      return await (await fetch(`http://127.0.0.1:${operations}${path}`)).text()
    } catch {
      return ''
    }
  }
  let ready = false
  const ending = new AbortController()
  const probe = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      ready = (await ask('/readyz')) === 'ok\n'
      await sleep(100)
    }
  }
  const probing = probe()
  return {
    port,
    pid: program.pid,
    isReady: () => ready,
    readiness: () => ask('/readyz'),
    metrics: () => ask('/metrics'),
    logged: message => linesOf(log).filter(line => line['msg'] === message),
    async stop() {
      ending.abort()
      ready = false
      await probing
      await program.stop()
    },
  }
}

function linesOf(log: string): readonly Readonly<Record<string, unknown>>[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap(line => {
      try {
        return [JSON.parse(line)]
      } catch {
        return []
      }
    })
}

/** What came of a stream of requests that the webhook has to judge. */
export interface Stream {
  readonly answered: () => number
  readonly failures: () => readonly string[]
  stop(): Promise<void>
}

const decoded = (text: string): Buffer => Buffer.from(text, 'base64')

/** Creates Deployments without a pause, as a dry run, by some clients at once. */
export function startStream(cluster: ControlPlane, namespace: string): Stream {
  const { clusters, users } = parse(readFileSync(cluster.kubeconfig, 'utf8'))
  const agent = new Agent({
    keepAlive: true,
    ca: decoded(clusters[0].cluster['certificate-authority-data']),
    cert: decoded(users[0].user['client-certificate-data']),
    key: decoded(users[0].user['client-key-data']),
  })
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All`
  const labels = { app: 'web' }
  const body = JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.25.1' }] } },
    },
  })
  const failures: string[] = []
  let answered = 0
  const ending = new AbortController()
  const one = (): Promise<void> =>
    new Promise(resolve => {
      const headers = { 'content-type': 'application/json' }
      const asked = request(`${cluster.server}${path}`, { method: 'POST', agent, headers }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => (text += String(chunk)))
        response.on('end', () => {
          if (response.statusCode === 201) answered += 1
          else failures.push(`${new Date().toISOString()} ${response.statusCode}: ${text}`)
          resolve()
        })
      })
      asked.on('error', error => {
        failures.push(error.message)
        resolve()
      })
      asked.end(body)
    })
  const client = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await one()
      await sleep(10)
    }
  }
  const clients = [client(), client(), client(), client()]
  return {
    answered: () => answered,
    failures: () => failures,
    async stop() {
      ending.abort()
      await Promise.all(clients)
      agent.destroy()
    },
  }
}
