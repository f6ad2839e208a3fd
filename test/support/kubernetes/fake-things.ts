import type { ServerResponse } from 'node:http'
import { answer, refuse, type Received } from './fake-api-server.ts'

/** An object as a test makes it; the server gives the rest. */
export interface FakeObject {
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string
    readonly namespace?: string
  }
  readonly [field: string]: unknown
}

interface Change {
  readonly path: string
  readonly type: string
  readonly version: number
  readonly object: FakeObject
}

interface Watcher {
  readonly path: string
  readonly namespace: string | undefined
  readonly response: ServerResponse
}

/**
 * The objects of a cluster with LIST in pages of one moment and WATCH from any version that is remembered, as a real API
 * server has them.
 */
export class FakeThings {
  readonly watchers = new Set<Watcher>()
  /** Paths that are refused, and paths that are not there. */
  readonly forbidden = new Set<string>()
  readonly absent = new Set<string>()
  readonly #objects = new Map<string, Map<string, FakeObject>>()
  readonly #changes: Change[] = []
  readonly #pages = new Map<string, { readonly items: readonly FakeObject[]; readonly version: number }>()
  #version = 1000
  #forgotten = 0

  set(path: string, given: FakeObject): void {
    const all = this.#objects.get(path) ?? new Map<string, FakeObject>()
    this.#objects.set(path, all)
    const key = keyOf(given)
    const uid = all.get(key)?.metadata['uid'] ?? `uid-${this.#version}`
    this.#version += 1
    const metadata = { uid, ...given.metadata, resourceVersion: String(this.#version) }
    const object = { ...given, metadata }
    this.#change({ path, type: all.has(key) ? 'MODIFIED' : 'ADDED', version: this.#version, object })
    all.set(key, object)
  }

  remove(path: string, namespace: string, name: string): void {
    const all = this.#objects.get(path)
    const object = all?.get(`${namespace}/${name}`)
    if (object === undefined) throw new Error(`no ${namespace}/${name} in ${path}`)
    all?.delete(`${namespace}/${name}`)
    this.#version += 1
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) }
    this.#change({ path, type: 'DELETED', version: this.#version, object: { ...object, metadata } })
  }

  uidOf(path: string, namespace: string, name: string): string {
    return String(this.#objects.get(path)?.get(`${namespace}/${name}`)?.metadata['uid'])
  }

  all(path: string): readonly FakeObject[] {
    return [...(this.#objects.get(path)?.values() ?? [])]
  }

  /** Forgets all that was, as etcd does every five minutes: pages and watches from before are 410. */
  compact(): void {
    this.#forgotten = this.#version
    this.#pages.clear()
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.#version) }
    this.send({ type: 'BOOKMARK', object: { metadata } })
  }

  /** To every watch of the path, or to all. */
  send(event: unknown, path?: string): void {
    for (const watcher of this.watchers)
      if (path === undefined || watcher.path === path) watcher.response.write(`${JSON.stringify(event)}\n`)
  }

  /** The server's own, clean end of all watches. */
  end(): void {
    for (const { response } of this.watchers) response.end()
    this.watchers.clear()
  }

  readonly handler = (received: Received, response: ServerResponse): void => {
    const { searchParams: query } = received.url
    const { path, namespace } = pathOf(received.url.pathname)
    if (this.absent.has(path))
      return refuse(404, 'the server could not find the requested resource')(received, response)
    if (this.forbidden.has(path)) return refuse(403, `${path} is forbidden`)(received, response)
    if (query.get('watch') === 'true') return this.#watch({ path, namespace, response }, query)
    const continued = query.get('continue')
    const page = continued === null ? this.#snapshot(path, namespace, query) : this.#pages.get(continued)
    if (page === undefined)
      return refuse(410, 'The provided continue parameter is too old')(received, response)
    const items = page.items.slice(0, Number(query.get('limit')))
    const rest = page.items.slice(items.length)
    const next = `${path}-${page.version}-${rest.length}`
    if (rest.length > 0) this.#pages.set(next, { items: rest, version: page.version })
    const metadata = { resourceVersion: String(page.version), ...(rest.length > 0 && { continue: next }) }
    answer(200, { kind: 'List', metadata, items })(received, response)
  }

  #snapshot(path: string, namespace: string | undefined, query: URLSearchParams) {
    const name = query.get('fieldSelector')?.replace('metadata.name=', '')
    const items = this.all(path).filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        (name === undefined || metadata.name === name),
    )
    return { items, version: this.#version }
  }

  #watch(watcher: Watcher, query: URLSearchParams): void {
    const { response } = watcher
    const from = Number(query.get('resourceVersion'))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (from < this.#forgotten) {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } })}\n`,
      )
      return
    }
    for (const change of this.#changes) if (change.version > from) tell(watcher, change)
    this.watchers.add(watcher)
    response.on('close', () => this.watchers.delete(watcher))
  }

  #change(change: Change): void {
    this.#changes.push(change)
    for (const watcher of this.watchers) tell(watcher, change)
  }
}

function tell({ path, namespace, response }: Watcher, { type, object, ...change }: Change): void {
  const isWanted =
    path === change.path && (namespace === undefined || namespace === object.metadata.namespace)
  if (isWanted) response.write(`${JSON.stringify({ type, object })}\n`)
}

function keyOf({ metadata }: FakeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** `/api/v1/namespaces/a/pods`: the path of all pods, and the namespace. */
function pathOf(pathname: string): { readonly path: string; readonly namespace: string | undefined } {
  const parts = /^(?<before>.*)\/namespaces\/(?<namespace>[^/]+)\/(?<resource>[^/]+)$/.exec(pathname)?.groups
  if (parts === undefined) return { path: pathname, namespace: undefined }
  return { path: `${parts['before'] ?? ''}/${parts['resource'] ?? ''}`, namespace: parts['namespace'] }
}
