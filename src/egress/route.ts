import type { Socket } from 'node:net'
import { callbackify } from 'node:util'

import {
  connectDirect,
  connectThroughProxy,
  connectToProxy,
  type Connect,
  type ConnectParts,
  type ConnectRules,
} from './connect.ts'
import { unbracketed, type Proxy } from './proxy.ts'

/** The route of a request out of the cluster: direct or through a proxy, and the form of the request line. */
export interface EgressRoute {
  /** Directly to the host, through a tunnel of a proxy, or by a proxy that forwards the whole request. */
  readonly kind: 'direct' | 'tunnel' | 'forward'
  /** The origin of the connections: that of the URL, or of a proxy that forwards the whole request. */
  readonly origin: string
  /** The target in the request line. */
  readonly path: string
  /** Headers in addition to those of the request. */
  readonly headers: Readonly<Record<string, string>>
  readonly proxy: Proxy | undefined
}

/** The route of a request to this URL through this proxy; undefined: without one. */
export function routeOf(url: URL, proxy: Proxy | undefined): EgressRoute {
  const target = `${url.pathname}${url.search}`
  if (proxy === undefined)
    return { kind: 'direct', origin: url.origin, path: target, headers: {}, proxy: undefined }
  if (url.protocol === 'https:')
    return { kind: 'tunnel', origin: url.origin, path: target, headers: {}, proxy }
  // Plain HTTP is handed to the proxy whole: many proxies let CONNECT through to port 443 only.
  const { authorization } = proxy
  return {
    kind: 'forward',
    origin: proxy.origin,
    path: `${url.origin}${target}`,
    headers: { host: url.host, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
    proxy,
  }
}

/** Creates the connections of a route. */
export function connectAlong(
  { kind, proxy }: Pick<EgressRoute, 'kind' | 'proxy'>,
  rules: ConnectRules,
  parts: ConnectParts,
): Connect {
  if (proxy === undefined) return connectDirect(rules, parts)
  return kind === 'forward' ? connectToProxy(proxy, parts) : connectThroughProxy(rules, proxy, parts)
}

/** A `connect` as an HTTP agent calls it: with the parts of an origin, and a callback. */
export type AgentConnect = (
  options: { readonly hostname: string; readonly port: string; readonly protocol: string },
  callback: (...outcome: [error: null, socket: Socket] | [error: Error, socket: null]) => void,
) => void

/** Makes the connections of an HTTP agent. */
export function agentConnect(connect: Connect): AgentConnect {
  const open = callbackify(connect)
  return ({ hostname, port, protocol }, callback) => {
    const isTls = protocol === 'https:'
    const standard = isTls ? 443 : 80
    open(
      { hostname: unbracketed(hostname), port: port === '' ? standard : Number(port), isTls },
      (error, socket) => (error === null ? callback(null, socket) : callback(error, null)),
    )
  }
}
