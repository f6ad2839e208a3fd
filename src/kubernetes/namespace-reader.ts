import type { KubeConfig } from '@kubernetes/client-node'
import { callApi, connectionError, openApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { parseEvent, parsePage, type Namespace, type NamespaceEvent } from './namespace.ts'
import { linesOf } from './watch-lines.ts'

/** Times in milliseconds, but for `watchSeconds`. */
export interface WatchTiming {
  /** For each page of a list, and for the answer's headers of a watch. */
  readonly answerLimit: number
  /** The server ends the watch after this; part of it is random, so that replicas do not come back together. */
  readonly watchSeconds: number
  /** Without a byte for so long the watch is dead: the server sends a bookmark about every minute. */
  readonly silenceLimit: number
}

/** All namespaces and the version from which to watch on. */
export interface NamespaceList {
  readonly namespaces: readonly Namespace[]
  readonly resourceVersion: string
}

const path = '/api/v1/namespaces'
const pageSize = 100
/** 20,000 namespaces, twice what Kubernetes is tested with: an end for a server that always names another page. */
const mostPages = 200

/** Reads the list page by page to its end. Throws KubernetesError. */
export async function listNamespaces(
  kubeConfig: KubeConfig,
  timing: WatchTiming,
  signal: AbortSignal,
): Promise<NamespaceList> {
  const what = 'list namespaces'
  const namespaces: Namespace[] = []
  let continueToken: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const query = { limit: String(pageSize), ...(continueToken !== undefined && { continue: continueToken }) }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timing.answerLimit)])
    // One after the other: each page's address is in the page before.
    // oxlint-disable-next-line eslint/no-await-in-loop
    const answer = parsePage(await callApi(kubeConfig, { what, path, query }, limit), what)
    namespaces.push(...answer.namespaces)
    continueToken = answer.continueToken
    if (continueToken === undefined) return { namespaces, resourceVersion: answer.resourceVersion }
  }
  throw new KubernetesError('invalid-answer', { what, why: `more than ${mostPages} pages` })
}

/** Where a watch begins, and whom it tells of every sign of life. */
export interface WatchStart {
  readonly resourceVersion: string
  readonly onSign: () => void
}

/** The events from `resourceVersion` on, until the server ends the watch. Throws KubernetesError. */
export async function* watchNamespaces(
  kubeConfig: KubeConfig,
  { resourceVersion, onSign, ...timing }: WatchStart & WatchTiming,
  signal: AbortSignal,
): AsyncGenerator<NamespaceEvent> {
  const what = 'watch namespaces'
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timing.watchSeconds),
  }
  const silence = silenceWatchdog(timing.answerLimit, timing.silenceLimit)
  const either = AbortSignal.any([signal, silence.signal])
  try {
    const response = await openApi(kubeConfig, { what, path, query }, either)
    const alive = () => {
      silence.restart()
      onSign()
    }
    alive()
    for await (const line of linesOf(response, alive)) yield parseEvent(line, what)
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
