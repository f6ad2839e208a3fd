import type { Turn } from '../../evaluation/index.ts'
import type { RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'

/** One request to a registry, its own API or its token server, with what decides its place in the queue. */
export interface RegistryRequest extends Turn {
  /** The registry whose authorities, addresses and limits apply. */
  readonly registry: Registry
  readonly url: URL
  /** `GET` if not given. */
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /** Beside those that every request has. */
  readonly headers?: Readonly<Record<string, string>>
  readonly authorization?: string | undefined
  /**
   * The URL came from a response of another registry (a redirect): then no header is sent by which it could know us, neither
   * `authorization` nor `headers` nor the user agent. So it is with every host that the registry's settings do not name.
   */
  readonly foreign?: boolean
  /** The body of a POST. */
  readonly body?: string
  /** The most bytes of the response's body; the `responseBytes` of the limits if not given. */
  readonly maxBytes?: number
  /** Its repository; empty if it is not about one. */
  readonly repository?: string
  /** The account whose budget it uses: identifies credentials without being secret; empty without credentials. */
  readonly account?: string
}

/**
 * Sends a request and gives the whole response, whatever its status. Everything between a look-up and a socket is a `Send` around
 * another one: redirects, authorization, retries, the limits of a host, its circuits, the transport.
 * @throws RegistryError where no whole response came within the limits; the signal's reason where it is aborted.
 */
export type Send = (request: RegistryRequest, signal: AbortSignal) => Promise<RegistryResponse>
