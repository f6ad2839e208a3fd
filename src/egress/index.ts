/** Ways out of the cluster: what an address is for, and through which proxy a URL goes. */
export { addressKind, addressRanges, type AddressKind } from './addresses.ts'
export {
  parseProxy,
  proxyChoice,
  proxyForm,
  proxyFromEnvironment,
  type Proxy,
  type ProxySettings,
} from './proxy.ts'
