import { isJsonObject, MalformedJsonError, project, type Shape } from '../../json/index.ts'
import { notJson } from '../api/api-request.ts'
import { KubernetesError, codeOfStatus, retryAfterOf } from '../api/kubernetes-error.ts'

/** Reads what is kept of an object, whatever its shape; throws KubernetesError `invalid-answer` where it is none. */
export type ReadObject<T> = (object: unknown, what: string) => T

/** How objects are read. */
export interface ObjectReader<T> {
  readonly read: ReadObject<T>
  /** What `read` looks at: nothing else is built of the objects of a page, which are mostly `managedFields` and status. */
  readonly shape: Shape
}

/** One page of a list; `continueToken` is there while more follow. */
export interface ObjectPage<T> {
  readonly objects: readonly T[]
  /** Why objects of the page were left out. */
  readonly unreadable: readonly KubernetesError[]
  readonly resourceVersion: string
  readonly continueToken: string | undefined
}

/** One line of a watch. */
export type ObjectEvent<T> =
  | { readonly type: 'set' | 'deleted'; readonly object: T; readonly resourceVersion: string }
  | { readonly type: 'unreadable'; readonly problem: KubernetesError; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** The server ends the watch with this. */
  | { readonly type: 'failed'; readonly problem: KubernetesError }

/**
 * Reads a list of objects, of each no more than is kept of it; throws KubernetesError `invalid-answer` where it is none, but not
 * for an object of it.
 */
export function readPage<T>(
  bytes: Uint8Array,
  what: string,
  { read, shape }: ObjectReader<T>,
): ObjectPage<T> {
  const list = record(parseList(bytes, what, shape))
  const metadata = record(list?.['metadata'])
  const items = list?.['items']
  const resourceVersion = metadata?.['resourceVersion']
  // A Go server writes a list without items so.
  if (!(Array.isArray(items) || items === null) || typeof resourceVersion !== 'string') {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not a list' })
  }
  const kept = (items ?? []).map(item => readOr(item, what, read))
  return {
    objects: kept.flatMap(one => ('problem' in one ? [] : [one.object])),
    unreadable: kept.flatMap(one => ('problem' in one ? [one.problem] : [])),
    resourceVersion,
    continueToken: nextOf(metadata?.['continue']),
  }
}

function parseList(bytes: Uint8Array, what: string, object: Shape): unknown {
  const metadata: Shape = { members: { resourceVersion: 'whole', continue: 'whole' } }
  try {
    // The bytes were limited as they were read.
    const { value, complete } = project(bytes, { members: { metadata, items: { items: object } } })
    if (complete) return value
  } catch (error) {
    if (!(error instanceof MalformedJsonError)) throw error
  }
  throw notJson(what)
}

function nextOf(token: unknown): string | undefined {
  return typeof token === 'string' && token !== '' ? token : undefined
}

/** Reads a line of a watch; throws KubernetesError `invalid-answer` where it is no event at all. */
export function parseEvent<T>(line: string, what: string, read: ReadObject<T>): ObjectEvent<T> {
  const event = record(parseLine(line, what))
  const object = event?.['object']
  const type = event?.['type']
  if (type === 'ERROR') return { type: 'failed', problem: watchFailure(record(object), what) }
  const resourceVersion = versionOf(object, what)
  if (type === 'BOOKMARK') return { type: 'bookmark', resourceVersion }
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') {
    throw new KubernetesError('invalid-answer', { what, why: 'an event of an unknown type' })
  }
  const kept = readOr(object, what, read)
  if ('problem' in kept) return { type: 'unreadable', problem: kept.problem, resourceVersion }
  return { type: type === 'DELETED' ? 'deleted' : 'set', object: kept.object, resourceVersion }
}

// Whatever an object does to its reader, it does to nothing else.
function readOr<T>(
  object: unknown,
  what: string,
  read: ReadObject<T>,
): { readonly object: T } | { readonly problem: KubernetesError } {
  try {
    return { object: read(object, what) }
  } catch (cause) {
    if (cause instanceof KubernetesError) return { problem: cause }
    const problem = new KubernetesError('invalid-answer', {
      what,
      why: 'an object that cannot be read',
      cause,
    })
    return { problem }
  }
}

function versionOf(object: unknown, what: string): string {
  const version = record(record(object)?.['metadata'])?.['resourceVersion']
  if (typeof version === 'string') return version
  throw new KubernetesError('invalid-answer', { what, why: 'an event without a resource version' })
}

function parseLine(line: string, what: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new KubernetesError('invalid-answer', { what, why: 'a line of the watch is not JSON', cause })
  }
}

function watchFailure(status: Readonly<Record<string, unknown>> | undefined, what: string): KubernetesError {
  const code = status?.['code']
  const message = status?.['message']
  return new KubernetesError(codeOfStatus(typeof code === 'number' ? code : 500), {
    what,
    why: typeof message === 'string' ? message : 'the watch reported an error without a message',
    retryAfter: retryAfterOf(record(status?.['details'])?.['retryAfterSeconds']),
  })
}

/** The value as an object, if it is one. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isJsonObject(value) ? value : undefined
}
