import { createHash, timingSafeEqual } from 'node:crypto'

/** Where a webhook takes reviews: `/validate` and `/mutate`, or a secret path below each. */
export interface WebhookPaths {
  /**
   * The address of a request as the routes know it, without any secret: what is behind them logs and counts by it. One that is
   * not taken becomes one that no route has.
   */
  routed(url: string): string
  /** From now on these are taken, and no others. */
  replace(paths: readonly string[]): void
}

/**
 * The paths of a webhook; without any (`undefined`) whatever is below the two endpoints is taken, so that a path that
 * `patchline certs --patch` has written into the webhook configurations also leads to a server that knows none.
 */
export function createWebhookPaths(endpoints: readonly string[], paths?: readonly string[]): WebhookPaths {
  let known = paths?.map(digestOf)
  return {
    routed(url) {
      const { path, query } = splitUrl(url)
      const [, name = '', secret = ''] = /^\/([a-z]+)\/([^/]+)$/.exec(path) ?? []
      const endpoint = endpoints.find(each => each === name)
      if (known === undefined) return endpoint === undefined ? url : `/${endpoint}${query}`
      // Not only what begins like an endpoint: routes are found by the decoded path, and in an address with a host too.
      if (endpoint === undefined || !isAmong(secret, known)) return nowhere
      return `/${endpoint}${query}`
    },
    replace: changed => void (known = changed.map(digestOf)),
  }
}

const nowhere = '/'

function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at) }
}

// Every path is compared, and digests are of one length: how long it takes says nothing about any of them.
function isAmong(path: string, known: readonly Buffer[]): boolean {
  const given = digestOf(path)
  return known.reduce((found, each) => timingSafeEqual(each, given) || found, false)
}

function digestOf(path: string): Buffer {
  return createHash('sha256').update(path).digest()
}
