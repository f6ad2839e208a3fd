import type { IncomingMessage } from 'node:http'
import type { KubeConfig } from '@kubernetes/client-node'
import { at, member } from '../../json/index.ts'
import { openApi } from '../api/api-request.ts'
import { codeOfStatus, connectionError, KubernetesError, retryAfterOf } from '../api/kubernetes-error.ts'
import { readOr, selectorOf, type ListSpec, type ReadObject, type WatchTiming } from './list-spec.ts'

/** Where a watch begins, and what is called for every sign of life. */
export interface WatchStart<T> {
  readonly spec: ListSpec<T>
  readonly resourceVersion: string
  readonly onSign: () => void
}

/** One line of a watch. */
export type ObjectEvent<T> =
  | { readonly type: 'set' | 'deleted'; readonly object: T; readonly resourceVersion: string }
  | { readonly type: 'unreadable'; readonly problem: KubernetesError; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** The server ends the watch with this. */
  | { readonly type: 'failed'; readonly problem: KubernetesError }

/** The events from `resourceVersion` on, until the server ends the watch. Throws KubernetesError. */
export async function* watchObjects<T>(
  kubeConfig: KubeConfig,
  { spec, resourceVersion, onSign, ...timing }: WatchStart<T> & WatchTiming,
  signal: AbortSignal,
): AsyncGenerator<ObjectEvent<T>> {
  const what = `watch ${spec.what}`
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timing.watchSeconds),
    ...selectorOf(spec),
  }
  const silence = silenceWatchdog(timing.answerLimit, timing.silenceLimit)
  const either = AbortSignal.any([signal, silence.signal])
  try {
    const response = await openApi(kubeConfig, { what, path: spec.path, query }, either)
    const alive = () => {
      silence.restart()
      onSign()
    }
    alive()
    for await (const line of linesOf(response, alive)) yield parseEvent(line, what, spec.read)
  } catch (error) {
    throw connectionError(what, error, either)
  } finally {
    silence.stop()
  }
}

function silenceWatchdog(firstLimit: number, limit: number) {
  const controller = new AbortController()
  const arm = (milliseconds: number) =>
    setTimeout(() => {
      controller.abort(new DOMException(`no sign of life for ${milliseconds} ms`, 'TimeoutError'))
    }, milliseconds)
  let timer = arm(firstLimit)
  return {
    signal: controller.signal,
    restart() {
      clearTimeout(timer)
      timer = arm(limit)
    },
    stop: () => clearTimeout(timer),
  }
}

/** An object in etcd is at most 1.5 MiB; its JSON stays well below this. */
const longestLine = 4_194_304

/**
 * The lines of a watch as they come; `onBytes` is called for every sign of life. Ends when the server ends the watch;
 * throws when the connection breaks, within a line too, and RangeError when a line does not end.
 */
async function* linesOf(response: IncomingMessage, onBytes: () => void): AsyncGenerator<string> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response) {
    onBytes()
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw new RangeError(`a line is longer than ${longestLine} characters`)
    yield* lines.filter(line => line.trim() !== '')
  }
  if (rest.trim() !== '') throw new Error('the watch ended within a line')
}

/** Reads a line of a watch; throws KubernetesError `invalid-answer` where it is no event at all. */
function parseEvent<T>(line: string, what: string, read: ReadObject<T>): ObjectEvent<T> {
  const event = parseLine(line, what)
  const object = member(event, 'object')
  const type = member(event, 'type')
  if (type === 'ERROR') return { type: 'failed', problem: watchFailure(object, what) }
  const resourceVersion = at(object, ['metadata', 'resourceVersion'])
  if (typeof resourceVersion !== 'string')
    throw new KubernetesError('invalid-answer', { what, why: 'an event without a resource version' })
  if (type === 'BOOKMARK') return { type: 'bookmark', resourceVersion }
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED')
    throw new KubernetesError('invalid-answer', { what, why: 'an event of an unknown type' })
  const kept = readOr(object, what, read)
  if ('problem' in kept) return { type: 'unreadable', problem: kept.problem, resourceVersion }
  return { type: type === 'DELETED' ? 'deleted' : 'set', object: kept.object, resourceVersion }
}

function parseLine(line: string, what: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new KubernetesError('invalid-answer', { what, why: 'a line of the watch is not JSON', cause })
  }
}

function watchFailure(status: unknown, what: string): KubernetesError {
  const code = member(status, 'code')
  const message = member(status, 'message')
  return new KubernetesError(codeOfStatus(typeof code === 'number' ? code : 500), {
    what,
    why: typeof message === 'string' ? message : 'the watch reported an error without a message',
    retryAfter: retryAfterOf(at(status, ['details', 'retryAfterSeconds'])),
  })
}
