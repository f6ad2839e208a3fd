/** Ways out of the cluster: the addresses that may be connected to, the proxies, and the connections themselves. */
export { createAddressRule, addressKind, type AddressRule, type AddressKind } from './addresses.ts'
export { connectDirect, type Connect, type ConnectParts, type ConnectRules } from './connect.ts'
export { createDnsResolver, type DnsResolver } from './dns-resolver.ts'
export { ProxyError, refusedBy } from './proxy-error.ts'
export {
  parseProxy,
  proxyChoice,
  proxyForm,
  proxyFromEnvironment,
  unbracketed,
  type Proxy,
  type ProxyChoice,
  type ProxySettings,
} from './proxy.ts'
export { agentConnect, connectAlong, routeOf, type EgressRoute } from './route.ts'
