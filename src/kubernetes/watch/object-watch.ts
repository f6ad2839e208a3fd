import type { KubeConfig } from '@kubernetes/client-node'
import { connectionError, openApi } from '../api/api-request.ts'
import { selectorOf, type Listed, type WatchTiming } from './listed.ts'
import { parseEvent, type ObjectEvent } from './object-page.ts'
import { linesOf } from './watch-lines.ts'

/** Where a watch begins, and whom it tells of every sign of life. */
export interface WatchStart<T> {
  readonly listed: Listed<T>
  readonly resourceVersion: string
  readonly onSign: () => void
}

/** The events from `resourceVersion` on, until the server ends the watch. Throws KubernetesError. */
export async function* watchObjects<T>(
  kubeConfig: KubeConfig,
  { listed, resourceVersion, onSign, ...timing }: WatchStart<T> & WatchTiming,
  signal: AbortSignal,
): AsyncGenerator<ObjectEvent<T>> {
  const what = `watch ${listed.what}`
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timing.watchSeconds),
    ...selectorOf(listed),
  }
  const silence = silenceWatchdog(timing.answerLimit, timing.silenceLimit)
  const either = AbortSignal.any([signal, silence.signal])
  try {
    const response = await openApi(kubeConfig, { what, path: listed.path, query }, either)
    const alive = () => {
      silence.restart()
      onSign()
    }
    alive()
    for await (const line of linesOf(response, alive)) yield parseEvent(line, what, listed.read)
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
