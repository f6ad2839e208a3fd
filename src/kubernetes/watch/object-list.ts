import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { createApiAgent, type ApiAgent } from '../api/api-agent.ts'
import { createAnswerMemory, type AnswerMemory } from '../api/answer-memory.ts'
import { connectionError, readApi } from '../api/api-request.ts'
import { backoffDelay, type Backoff } from '../api/backoff.ts'
import { KubernetesError, type KubernetesErrorCode } from '../api/kubernetes-error.ts'
import { selectorOf, type Listed, type WatchTiming } from './listed.ts'
import { readPage, type ObjectPage } from './object-page.ts'

/** All objects and the version from which to watch on. */
export interface ObjectList<T> extends Pick<ObjectPage<T>, 'objects' | 'unreadable' | 'resourceVersion'> {}

/** What is listed, how long each page may take, and how long to wait before one is asked for again. */
export interface ListStart<T> extends Pick<WatchTiming, 'answerLimit'>, Backoff {
  readonly listed: Listed<T>
}

/** Reads the list page by page to its end. Throws KubernetesError; `gone` where it took longer than the server remembers. */
export async function listObjects<T>(
  kubeConfig: KubeConfig,
  start: ListStart<T>,
  signal: AbortSignal,
): Promise<ObjectList<T>> {
  const { listed } = start
  const pages: ObjectPage<T>[] = []
  // 400 pages of pods over one connection, not 400.
  const agent = createApiAgent(kubeConfig, 1)
  const memory = createAnswerMemory()
  let next: NextPage = { pageSize: listed.pageSize, token: undefined }
  try {
    while (pages.length < listed.mostPages) {
      // One after the other: each page's address is in the page before.
      // oxlint-disable-next-line eslint/no-await-in-loop
      const { page, pageSize } = await askAgain(
        kubeConfig,
        { ...start, asked: { listed, agent, memory, ...next } },
        signal,
      )
      pages.push(page)
      next = { pageSize, token: page.continueToken }
      if (next.token === undefined) return join(pages, page.resourceVersion)
    }
  } finally {
    agent.destroy()
    memory.free()
  }
  throw new KubernetesError('invalid-answer', {
    what: `list ${listed.what}`,
    why: `more than ${listed.mostPages} pages`,
  })
}

function join<T>(pages: readonly ObjectPage<T>[], resourceVersion: string): ObjectList<T> {
  return {
    objects: pages.flatMap(({ objects }) => objects),
    unreadable: pages.flatMap(({ unreadable }) => unreadable),
    resourceVersion,
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof KubernetesError && error.cause instanceof RangeError
}

interface NextPage {
  readonly pageSize: number
  /** Undefined: the first. */
  readonly token: string | undefined
}

interface AskedPage<T> extends NextPage {
  readonly listed: Listed<T>
  readonly agent: ApiAgent
  readonly memory: AnswerMemory
}

interface ReadPage<T> {
  readonly page: ObjectPage<T>
  /** As large as a page may be here: an answer that was too large was asked for again with fewer objects. */
  readonly pageSize: number
}

// The failures that may be over a moment later.
const passing: ReadonlySet<KubernetesErrorCode> = new Set(['unavailable', 'timeout', 'unauthorized'])
/** With pauses of 1, 2, 4 and 8 s this is within the five minutes that a page's address stands. */
const mostTries = 5

async function askAgain<T>(
  kubeConfig: KubeConfig,
  { asked, ...start }: ListStart<T> & { readonly asked: AskedPage<T> },
  signal: AbortSignal,
): Promise<ReadPage<T>> {
  let { pageSize } = asked
  for (let tries = 1; ; tries += 1) {
    // oxlint-disable eslint/no-await-in-loop -- one try after the other
    try {
      const page = await askForPage(kubeConfig, { ...asked, pageSize }, limited(signal, start.answerLimit))
      return { page, pageSize }
    } catch (error) {
      // A first page is asked for again by whoever wants the list; with a later one all before it would be lost.
      const isLater = asked.token !== undefined && tries < mostTries
      if (isTooLarge(error) && pageSize > 1) pageSize = Math.ceil(pageSize / 4)
      else if (error instanceof KubernetesError && isLater && passing.has(error.code))
        await pause(Math.max(backoffDelay(tries, start), error.retryAfter ?? 0), error.what, signal)
      else throw error
    }
    // oxlint-enable eslint/no-await-in-loop
  }
}

async function askForPage<T>(
  kubeConfig: KubeConfig,
  { listed, pageSize, token, agent, memory }: AskedPage<T>,
  signal: AbortSignal,
): Promise<ObjectPage<T>> {
  const what = `list ${listed.what}`
  const query = {
    limit: String(pageSize),
    ...(token !== undefined && { continue: token }),
    ...selectorOf(listed),
  }
  const bytes = await readApi(kubeConfig, { what, path: listed.path, query, agent, memory }, signal)
  return readPage(bytes, what, listed)
}

function limited(signal: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
}

async function pause(milliseconds: number, what: string, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    throw connectionError(what, error, signal)
  }
}
