import { addressKind, addressRanges, type AddressKind } from './addresses.ts'

/** How much the configuration says about the host that a connection is for. */
export interface NamedHost {
  /** Whether a person has named the host: it may then be inside a company or a cluster. */
  readonly named: boolean
  /** Hosts of the configuration, without brackets: an address among them is allowed, and no other one by it. */
  readonly hosts: readonly string[]
}

/** Decides to which addresses a connection may be made. */
export interface AddressRule {
  allows(address: string, host: NamedHost): boolean
}

/**
 * Creates the rule: public addresses, those in `allowedRanges`, and for a host that a person has named those of private networks.
 * The first range that cannot be read goes to `onBad`.
 */
export function createAddressRule(
  allowedRanges: readonly string[],
  onBad: (message: string) => never,
): AddressRule {
  const ranges = addressRanges(allowedRanges, text => {
    const form = 'is no range of addresses like 10.20.0.0/16 or fd12:3456::/32'
    return onBad(`egress.allowedRanges: ${JSON.stringify(text)} ${form}`)
  })
  return {
    allows(address, { named, hosts }) {
      const kind = addressKind(address)
      if (kind === 'public' || ranges.contains(address)) return true
      return named && (meantByName.has(kind) || hosts.includes(address))
    },
  }
}

// Where a server inside a company or a cluster is. Never link-local (there the metadata of clouds is) nor what only hides another address.
const meantByName: ReadonlySet<AddressKind> = new Set(['loopback', 'private', 'shared', 'unique-local'])
