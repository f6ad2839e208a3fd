import {
  channelRules,
  createConnections,
  type Connections,
} from '../../src/channels/transport/connections.ts'
import { connectDirect, createAddressRule, createDnsResolver, type Connect } from '../../src/egress/index.ts'

const parts = { timeout: 10_000, resolver: createDnsResolver({ now: Date.now }) }

/** The connections of a channel to servers of a test, without a proxy. */
export function direct(): Connections {
  return createConnections(new URL('http://127.0.0.1'), { ...parts, rules: rules(), proxy: undefined })
}

/** The connections of a channel to mail servers of a test. */
export function directMail(timeout: number, ca?: string): Connect {
  return connectDirect(rules(ca), { ...parts, timeout })
}

function rules(ca?: string) {
  const rule = createAddressRule([], why => {
    throw new Error(why)
  })
  return channelRules(rule, ca)
}
