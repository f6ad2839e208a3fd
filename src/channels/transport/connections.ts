import { isIP } from 'node:net'
import { Agent } from 'undici'
import {
  addressKind,
  agentConnect,
  connectAlong,
  routeOf,
  unbracketed,
  type AddressRule,
  type ConnectParts,
  type ConnectRules,
  type Proxy,
  type EgressRoute,
} from '../../egress/index.ts'

/** How a request of a channel is sent, with the connections for it. */
export interface ChannelRoute extends EgressRoute {
  readonly agent: Agent
}

/** The connections of a channel to one origin. */
export interface Connections {
  /** @throws AddressError where the host is an address that is not allowed. */
  to(url: URL): ChannelRoute
  close(): Promise<void>
}

interface ConnectionsOptions extends ConnectParts {
  readonly rules: ConnectRules
  readonly proxy: Proxy | undefined
}

/** Creates the connections to the origin of a URL, through the proxy if there is one. */
export function createConnections(origin: URL, options: ConnectionsOptions): Connections {
  const { rules, proxy } = options
  const agent = new Agent({
    connect: agentConnect(connectAlong(routeOf(origin, proxy), rules, options)),
    allowH2: false,
  })
  return {
    to(url) {
      // Neither a socket nor a proxy looks an address up: it is checked here.
      const host = unbracketed(url.hostname)
      if (isIP(host) !== 0) rules.checkAddresses(host, [host])
      return { ...routeOf(url, proxy), agent }
    },
    async close() {
      await agent.destroy()
    },
  }
}

/** A channel leads to an address that is not allowed. Its message holds a host and an address, which are no secrets. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly code = 'ERR_ADDRESS_NOT_ALLOWED'
  /** Whether the channel is configured with the address itself; else DNS gave it, and may give another one later. */
  readonly isConfigured: boolean

  constructor(hostname: string, address: string) {
    const isConfigured = hostname === address
    const what = isConfigured ? `${address} is` : `${hostname} resolves to ${address}, which is`
    super(`${what} a special address (${addressKind(address)})`)
    this.isConfigured = isConfigured
  }
}

/** What the connections of a channel may lead to. A person has named its host, so that private addresses are meant. */
export function channelRules(rule: AddressRule, ca: string | undefined): ConnectRules {
  return {
    ca,
    search: true,
    checkAddresses(hostname, addresses) {
      // Unlike a registry's, an address is not allowed by being configured: the URL of a channel is a secret and is read by few.
      const bad = addresses.find(address => !rule.allows(address, { named: true, hosts: [] }))
      if (bad !== undefined) throw new AddressError(hostname, bad)
    },
  }
}
