import { createHash, timingSafeEqual } from 'node:crypto'

/** The paths on which a webhook takes reviews: `/validate` and `/mutate`, or a secret path below each. */
export interface WebhookPaths {
  /**
   * The URL of a request as the routes know it, without any secret: logs and metrics use it. A URL that is not accepted becomes
   * one that has no route.
   */
  routed(url: string): string
  /** Accepts these secret paths from now on, and no others. */
  replace(paths: readonly string[]): void
}

/**
 * Creates the paths of a webhook. Without secret paths (`undefined`) every path directly below the endpoints is accepted, so
 * that a path that `patchline certs --patch` has written into the webhook configurations also leads to a server without any.
 */
export function createWebhookPaths(endpoints: readonly string[], paths?: readonly string[]): WebhookPaths {
  let known = paths?.map(digestOf)
  return {
    routed(url) {
      const { path, query } = splitUrl(url)
      const [, name = '', secret = ''] = /^\/([a-z]+)\/([^/]+)$/.exec(path) ?? []
      const endpoint = endpoints.find(each => each === name)
      if (known === undefined) return endpoint === undefined ? url : `/${endpoint}${query}`
      // Not only URLs that begin like an endpoint: routes are found by the decoded path, and in a URL with a host too.
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

// Every path is compared, and digests have one length: the time it takes says nothing about the paths.
function isAmong(path: string, known: readonly Buffer[]): boolean {
  const given = digestOf(path)
  return known.reduce((found, each) => timingSafeEqual(each, given) || found, false)
}

function digestOf(path: string): Buffer {
  return createHash('sha256').update(path).digest()
}
