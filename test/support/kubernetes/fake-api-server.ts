import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { createCertificates } from '../../../src/certificates/index.ts'

export interface Received {
  readonly method: string
  readonly url: URL
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  readonly body: string
}

export type Handler = (received: Received, response: ServerResponse) => void

const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })

/** A small API server over real TLS: each request is logged and answered by the first handler that is left. */
export async function startApiServer(handler: Handler) {
  const received: Received[] = []
  const queued: Handler[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const entry: Received = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', 'https://127.0.0.1'),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: await readBody(request),
    }
    received.push(entry)
    const handle = queued.shift() ?? handler
    handle(entry, response)
  }
  const server = createServer({ cert: serving.certificate, key: serving.key }, (request, response) => {
    // A client that leaves within its body is not worth an answer.
    receive(request, response).catch(() => response.destroy())
  })
  let opened = 0
  server.on('secureConnection', () => void (opened += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `https://127.0.0.1:${port}`,
    received,
    /** The next request is answered so, whatever it is. */
    next: (answer: Handler) => queued.push(answer),
    kubeconfig: (folder: string, changes: Partial<Kubeconfig> = {}) =>
      writeKubeconfig(folder, { server: `https://127.0.0.1:${port}`, authority: ca.certificate, ...changes }),
    /** How many connections were opened since the start, and how many there are. */
    opened: () => opened,
    connections: () =>
      new Promise<number>((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

interface Kubeconfig {
  readonly server: string
  readonly authority: string
  readonly user: unknown
}

function writeKubeconfig(folder: string, { server, authority, user }: Partial<Kubeconfig>): string {
  const file = join(folder, 'kubeconfig')
  const data = authority === undefined ? undefined : Buffer.from(authority).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': data } }],
    users: [{ name: 'test', user: user ?? { token: 'planted-token' } }],
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config))
  return file
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export const answer =
  (status: number, body: unknown): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

export const refuse = (code: number, message: string): Handler =>
  answer(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code })

export const silent: Handler = () => {}

/** Looks every 2 ms until the condition holds; fails where it surely never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000 // a busy machine takes its time
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`never: ${String(condition)}`)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

/** The namespaces of a cluster with their LIST, WATCH and GET. */
export class FakeNamespaces {
  readonly watches = new Set<ServerResponse>()
  readonly #labels = new Map<string, Record<string, string>>()
  #version = 100

  set(name: string, labels: Record<string, string> = {}): void {
    const type = this.#labels.has(name) ? 'MODIFIED' : 'ADDED'
    this.#labels.set(name, labels)
    this.#version += 1
    this.send({ type, object: this.#object(name) })
  }

  remove(name: string): void {
    this.#version += 1
    const object = this.#object(name)
    this.#labels.delete(name)
    this.send({ type: 'DELETED', object })
  }

  bookmark(): string {
    this.#version += 1
    this.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version) } } })
    return String(this.#version)
  }

  send(event: unknown): void {
    this.write(`${JSON.stringify(event)}\n`)
  }

  write(text: string): void {
    for (const watch of this.watches) watch.write(text)
  }

  /** The server's own, clean end of all watches. */
  end(): void {
    for (const watch of this.watches) watch.end()
  }

  cut(): void {
    for (const watch of this.watches) watch.destroy()
  }

  readonly handler: Handler = (received, response) => {
    const { pathname, searchParams } = received.url
    const name = pathname.replace(/^\/api\/v1\/namespaces\/?/, '')
    if (name !== '') return this.#get(name)(received, response)
    if (searchParams.get('watch') === 'true') return this.#watch(response)
    return this.#list(searchParams)(received, response)
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    this.watches.add(response)
    response.on('close', () => this.watches.delete(response))
  }

  #list(query: URLSearchParams): Handler {
    const start = Number(query.get('continue') ?? '0')
    const end = start + Number(query.get('limit'))
    const all = [...this.#labels.keys()]
    return answer(200, {
      kind: 'NamespaceList',
      metadata: {
        resourceVersion: String(this.#version),
        ...(end < all.length && { continue: String(end) }),
      },
      items: all.slice(start, end).map(name => this.#object(name)),
    })
  }

  #get(name: string): Handler {
    if (this.#labels.has(name)) return answer(200, this.#object(name))
    return refuse(404, `namespaces "${name}" not found`)
  }

  #object(name: string) {
    const labels = { 'kubernetes.io/metadata.name': name, ...this.#labels.get(name) }
    return { kind: 'Namespace', metadata: { name, labels, resourceVersion: String(this.#version) } }
  }
}
