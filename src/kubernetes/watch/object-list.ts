import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { at, MalformedJsonError, member, project, textOf, type Shape } from '../../json/index.ts'
import { readApi } from '../api/api-request.ts'
import {
  createApiAgent,
  createResponseBuffer,
  type ApiAgent,
  type ResponseBuffer,
} from '../api/connection.ts'
import {
  connectionError,
  KubernetesError,
  notJson,
  type KubernetesErrorCode,
} from '../api/kubernetes-error.ts'
import { backoffDelay, withTimeout, type Backoff } from '../api/timing.ts'
import { readOr, selectorOf, type ListSpec, type ObjectReader, type WatchTiming } from './list-spec.ts'

/** All objects and the version from which to watch on. */
export interface ObjectList<T> extends Pick<ObjectPage<T>, 'objects' | 'unreadable' | 'resourceVersion'> {}

/** What is listed, how long each page may take, and how long to wait before one is asked for again. */
export interface ListStart<T> extends Pick<WatchTiming, 'answerLimit'>, Backoff {
  readonly spec: ListSpec<T>
}

/** Reads the list page by page to its end. Throws KubernetesError; `gone` where it took longer than the server remembers. */
export async function listObjects<T>(
  kubeConfig: KubeConfig,
  start: ListStart<T>,
  signal: AbortSignal,
): Promise<ObjectList<T>> {
  const { spec } = start
  const pages: ObjectPage<T>[] = []
  // 400 pages of pods over one connection, not 400.
  const agent = createApiAgent(kubeConfig, 1)
  const buffer = createResponseBuffer()
  let next: NextPage = { pageSize: spec.pageSize, token: undefined }
  try {
    while (pages.length < spec.mostPages) {
      // One after the other: each page's address is in the page before.
      // oxlint-disable-next-line eslint/no-await-in-loop
      const { page, pageSize } = await requestPage(
        kubeConfig,
        { ...start, wanted: { spec, agent, buffer, ...next } },
        signal,
      )
      pages.push(page)
      next = { pageSize, token: page.continueToken }
      if (next.token === undefined) return join(pages, page.resourceVersion)
    }
  } finally {
    agent.destroy()
    buffer.free()
  }
  throw new KubernetesError('invalid-answer', {
    what: `list ${spec.what}`,
    why: `more than ${spec.mostPages} pages`,
  })
}

function join<T>(pages: readonly ObjectPage<T>[], resourceVersion: string): ObjectList<T> {
  return {
    objects: pages.flatMap(({ objects }) => objects),
    unreadable: pages.flatMap(({ unreadable }) => unreadable),
    resourceVersion,
  }
}

interface NextPage {
  readonly pageSize: number
  /** Undefined: the first. */
  readonly token: string | undefined
}

interface WantedPage<T> extends NextPage {
  readonly spec: ListSpec<T>
  readonly agent: ApiAgent
  readonly buffer: ResponseBuffer
}

interface ReceivedPage<T> {
  readonly page: ObjectPage<T>
  /** As large as a page may be here: a response that was too large was asked for again with fewer objects. */
  readonly pageSize: number
}

// The failures that may be over a moment later.
const passing: ReadonlySet<KubernetesErrorCode> = new Set(['unavailable', 'timeout', 'unauthorized'])
/** With pauses of 1, 2, 4 and 8 s this is within the five minutes that a page's address stands. */
const mostTries = 5

/** Requests a page, and again where it was too large or the API server could not be reached for a moment. */
async function requestPage<T>(
  kubeConfig: KubeConfig,
  { wanted, ...start }: ListStart<T> & { readonly wanted: WantedPage<T> },
  signal: AbortSignal,
): Promise<ReceivedPage<T>> {
  let { pageSize } = wanted
  for (let tries = 1; ; tries += 1) {
    // oxlint-disable eslint/no-await-in-loop -- one try after the other
    try {
      const limit = withTimeout(signal, start.answerLimit)
      return { page: await readOnePage(kubeConfig, { ...wanted, pageSize }, limit), pageSize }
    } catch (error) {
      // The caller asks for a first page again; with a later one all before it would be lost.
      const isLater = wanted.token !== undefined && tries < mostTries
      if (isTooLarge(error) && pageSize > 1) pageSize = Math.ceil(pageSize / 4)
      else if (error instanceof KubernetesError && isLater && passing.has(error.code))
        await pause(Math.max(backoffDelay(tries, start), error.retryAfter ?? 0), error.what, signal)
      else throw error
    }
    // oxlint-enable eslint/no-await-in-loop
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof KubernetesError && error.cause instanceof RangeError
}

async function pause(milliseconds: number, what: string, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    throw connectionError(what, error, signal)
  }
}

async function readOnePage<T>(
  kubeConfig: KubeConfig,
  { spec, pageSize, token, agent, buffer }: WantedPage<T>,
  signal: AbortSignal,
): Promise<ObjectPage<T>> {
  const what = `list ${spec.what}`
  const query = {
    limit: String(pageSize),
    ...(token !== undefined && { continue: token }),
    ...selectorOf(spec),
  }
  const bytes = await readApi(kubeConfig, { what, path: spec.path, query, agent, buffer }, signal)
  return readPage(bytes, what, spec)
}

/** One page of a list; `continueToken` is there while more follow. */
export interface ObjectPage<T> {
  readonly objects: readonly T[]
  /** Why objects of the page were left out. */
  readonly unreadable: readonly KubernetesError[]
  readonly resourceVersion: string
  readonly continueToken: string | undefined
}

/**
 * Reads a page of a list, of each object no more than is kept of it; throws KubernetesError `invalid-answer` where it is not a
 * list, but not for an object of it.
 */
export function readPage<T>(
  bytes: Uint8Array,
  what: string,
  { read, shape }: ObjectReader<T>,
): ObjectPage<T> {
  const list = parseList(bytes, what, shape)
  const items = member(list, 'items')
  const resourceVersion = at(list, ['metadata', 'resourceVersion'])
  // A Go server writes a list without items as null.
  if (!(Array.isArray(items) || items === null) || typeof resourceVersion !== 'string') {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not a list' })
  }
  const kept = (items ?? []).map(item => readOr(item, what, read))
  return {
    objects: kept.flatMap(one => ('problem' in one ? [] : [one.object])),
    unreadable: kept.flatMap(one => ('problem' in one ? [one.problem] : [])),
    resourceVersion,
    continueToken: textOf(at(list, ['metadata', 'continue'])) || undefined,
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
