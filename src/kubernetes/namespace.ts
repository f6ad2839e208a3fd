import { KubernetesError, codeOfStatus } from './kubernetes-error.ts'

/** Only these labels are ours to act on, and only these are kept. */
const ourPrefix = 'patchline.dev/'

/** A namespace's labels under `patchline.dev/`. */
export type OurLabels = Readonly<Record<string, string>>

/** What is kept of a namespace. */
export interface Namespace {
  readonly name: string
  readonly labels: OurLabels
}

/** One page of a list; `continueToken` is there while more follow. */
export interface NamespacePage {
  readonly namespaces: readonly Namespace[]
  readonly resourceVersion: string
  readonly continueToken: string | undefined
}

/** One line of a watch. */
export type NamespaceEvent =
  | { readonly type: 'set'; readonly namespace: Namespace; readonly resourceVersion: string }
  | { readonly type: 'deleted'; readonly namespace: Namespace; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }

/** Reads a NamespaceList; throws KubernetesError `invalid-answer`. */
export function parsePage(answer: unknown, what: string): NamespacePage {
  const list = record(answer)
  const metadata = record(list?.['metadata'])
  const items = list?.['items']
  const resourceVersion = metadata?.['resourceVersion']
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not a list' })
  }
  const next = metadata?.['continue']
  const continueToken = typeof next === 'string' && next !== '' ? next : undefined
  return { namespaces: items.map(item => parseNamespace(item, what)), resourceVersion, continueToken }
}

/** Reads a Namespace; throws KubernetesError `invalid-answer`. */
export function parseNamespace(object: unknown, what: string): Namespace {
  const metadata = record(record(object)?.['metadata'])
  const name = metadata?.['name']
  if (typeof name !== 'string' || name === '') {
    throw new KubernetesError('invalid-answer', { what, why: 'an object without a name' })
  }
  return { name, labels: ourLabels(metadata?.['labels']) }
}

/** Reads a line of a watch; throws KubernetesError: `gone` when the version is too old, else by the error's code. */
export function parseEvent(line: string, what: string): NamespaceEvent {
  const event = record(parseLine(line, what))
  const object = event?.['object']
  const type = event?.['type']
  if (type === 'ERROR') throw watchFailure(record(object), what)
  const resourceVersion = versionOf(object, what)
  if (type === 'BOOKMARK') return { type: 'bookmark', resourceVersion }
  const namespace = parseNamespace(object, what)
  if (type === 'ADDED' || type === 'MODIFIED') return { type: 'set', namespace, resourceVersion }
  if (type === 'DELETED') return { type: 'deleted', namespace, resourceVersion }
  throw new KubernetesError('invalid-answer', { what, why: 'an event of an unknown type' })
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
  })
}

function ourLabels(labels: unknown): OurLabels {
  const ours: Record<string, string> = {}
  for (const [key, value] of Object.entries(record(labels) ?? {})) {
    if (key.startsWith(ourPrefix) && typeof value === 'string') ours[key] = value
  }
  return ours
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
