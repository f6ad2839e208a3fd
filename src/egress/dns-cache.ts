import { createExpiringMap } from '../async/index.ts'

/** Caches the addresses of names, and errors; concurrent queries for one name are sent once. */
export interface DnsCache {
  /** @throws DnsError, also a cached one. */
  get(key: string, resolve: () => Promise<ResolvedName>): Promise<readonly string[]>
}

type Held = { readonly addresses: readonly string[] } | { readonly error: DnsError }

// A registry that moves should not be asked at its old address for long; a new connection is made every few seconds.
const longestHeld = 30_000
// A name that is missing, or whose server is stuck, costs one question in this time and not one for each request.
const failureHeld = 30_000
// Registries are a list of a few dozen; redirects of registry.k8s.io add one host per region.
const mostNames = 1_000

/** Creates a bounded cache; `now` gives epoch milliseconds. */
export function createDnsCache(now: () => number): DnsCache {
  const held = createExpiringMap<Held>({ max: mostNames, now })
  const asking = new Map<string, Promise<readonly string[]>>()

  async function ask(key: string, resolve: () => Promise<ResolvedName>): Promise<readonly string[]> {
    try {
      const { addresses, holds } = await resolve()
      held.set(key, { addresses }, now() + Math.min(holds, longestHeld))
      return addresses
    } catch (error) {
      if (error instanceof DnsError) held.set(key, { error }, now() + failureHeld)
      throw error
    } finally {
      asking.delete(key)
    }
  }

  return {
    get(key, resolve) {
      const known = held.get(key)
      if (known !== undefined)
        return 'error' in known ? Promise.reject(known.error) : Promise.resolve(known.addresses)
      const pending = asking.get(key) ?? ask(key, resolve)
      asking.set(key, pending)
      return pending
    },
  }
}

/** The codes of DNS errors. */
export type DnsErrorCode =
  | 'ERR_NAME_NOT_FOUND' // NXDOMAIN
  | 'ERR_NAME_NO_ADDRESS' // the name exists, and has none
  | 'ERR_NAME_SERVFAIL' // the name server says that it failed
  | 'ERR_NAME_TIMEOUT' // no name server answered in time
  | 'ERR_NAME_FAILED' // anything else: refused, no server, an answer that cannot be read

/** A name could not be resolved. */
export class DnsError extends Error {
  override readonly name = 'DnsError'
  readonly code: DnsErrorCode

  constructor(code: DnsErrorCode, hostname: string, detail: string) {
    super(`${hostname}: ${detail}`)
    this.code = code
  }
}

/** The addresses of a name and their time to live, in milliseconds. */
export interface ResolvedName {
  readonly addresses: readonly string[]
  readonly holds: number
}

/** The error for a code of c-ares. */
export function dnsError(name: string, code: string): DnsError {
  const known: readonly [DnsErrorCode, string] | undefined = meanings[code]
  return new DnsError(known?.[0] ?? 'ERR_NAME_FAILED', name, known?.[1] ?? `DNS failed (${code})`)
}

// The codes of c-ares.
const meanings: Readonly<Record<string, readonly [DnsErrorCode, string]>> = {
  ENOTFOUND: ['ERR_NAME_NOT_FOUND', 'not in DNS'],
  EBADNAME: ['ERR_NAME_NOT_FOUND', 'no name that DNS can hold'],
  ENODATA: ['ERR_NAME_NO_ADDRESS', 'in DNS without an address'],
  ESERVFAIL: ['ERR_NAME_SERVFAIL', 'the DNS server failed (SERVFAIL)'],
  ETIMEOUT: ['ERR_NAME_TIMEOUT', 'no answer from DNS'],
}

// The most severe first: if a server failed, the name may still exist.
const bySeverity: readonly DnsErrorCode[] = [
  'ERR_NAME_TIMEOUT',
  'ERR_NAME_SERVFAIL',
  'ERR_NAME_FAILED',
  'ERR_NAME_NO_ADDRESS',
  'ERR_NAME_NOT_FOUND',
]

/** The most severe of several errors. */
export function mostSevere(failures: readonly DnsError[]): DnsError {
  const [first] = failures.toSorted((a, b) => bySeverity.indexOf(a.code) - bySeverity.indexOf(b.code))
  return first ?? new DnsError('ERR_NAME_FAILED', '', 'was not asked for')
}
