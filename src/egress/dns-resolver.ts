import { promises, type RecordWithTtl } from 'node:dns'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { orAborted, withDeadline } from '../async/index.ts'
import { createDnsCache, DnsError, dnsError, mostSevere, type ResolvedName } from './dns-cache.ts'

/** Resolves names. */
export interface DnsResolver {
  /**
   * Every address of a name, at least one. A name with a dot is taken as it stands first; with `search` it is then looked for
   * in the domains of resolv.conf, so that `registry.infra.svc` leads somewhere in a cluster.
   * @throws DnsError
   */
  resolve(hostname: string, options: { readonly search: boolean }): Promise<readonly string[]>
  /** Cancels all queries in progress. */
  close(): void
}

export interface DnsResolverOptions {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** DNS servers (`127.0.0.1:5353`) in place of those of resolv.conf. */
  readonly servers?: readonly string[]
  readonly hostsFile?: string
  readonly resolvConf?: string
}

// The limit for one name; connecting must still fit into the limit of the request.
const budget = 2_000
// Two questions fit into the budget, for a datagram gets lost now and then.
const questionTimeout = 800
const questions = 2
// Some servers never answer for one of the families. With the other at hand that much more is waited (RFC 8305 waits 50 ms).
const familyGrace = 250

/**
 * Creates a resolver that queries DNS itself. The C library's (`dns.lookup`) takes one of libuv's four threads for as long as a server is silent, and
 * with four silent names every file and every other name waits.
 */
export function createDnsResolver(options: DnsResolverOptions): DnsResolver {
  const { now, hostsFile = '/etc/hosts', resolvConf = '/etc/resolv.conf' } = options
  const hosts = createPolledFile(hostsFile, parseHostsFile, now)
  // A new resolver after each change: its servers are read when it is made.
  const dns = createPolledFile(
    resolvConf,
    text => ({ domains: parseSearchDomains(text), resolver: createDns(options.servers) }),
    now,
  )
  const memory = createDnsCache(now)
  return {
    async resolve(hostname, { search }) {
      const name = hostname.toLowerCase().replace(/\.$/, '')
      const local = hosts.get().get(name) ?? loopbackOf(name)
      if (local !== undefined) return local
      const { domains, resolver } = dns.get()
      const names = search && !hostname.endsWith('.') ? searchNames(name, domains) : [name]
      return memory.get(names.join(' '), () => withinBudget(name, firstFound(names, resolver)))
    },
    close() {
      dns.get().resolver.cancel()
    },
  }
}

// RFC 6761, 6.3: these names are never asked for.
function loopbackOf(name: string): readonly string[] | undefined {
  return name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1', '::1'] : undefined
}

/**
 * As it stands goes first if it has a dot, whatever `ndots` says: with a cluster's `ndots:5`, `ghcr.io` would be `ghcr.io.svc.cluster.local` first,
 * which belongs to every user who may make a Service `ghcr` in a Namespace `io`, and every name would cost six questions more.
 */
function searchNames(name: string, domains: readonly string[]): readonly string[] {
  const below = domains.map(domain => `${name}.${domain}`)
  return name.includes('.') ? [name, ...below] : [...below, name]
}

function createDns(servers: readonly string[] | undefined): promises.Resolver {
  const resolver = new promises.Resolver({
    timeout: questionTimeout,
    tries: questions,
    maxTimeout: questionTimeout,
  })
  if (servers !== undefined) resolver.setServers(servers)
  return resolver
}

function withinBudget(hostname: string, work: Promise<ResolvedName>): Promise<ResolvedName> {
  const late = (): DnsError =>
    new DnsError('ERR_NAME_TIMEOUT', hostname, `no answer from DNS within ${budget / 1000} s`)
  return withDeadline({ milliseconds: budget, late }, [], signal => orAborted(work, signal))
}

async function firstFound(names: readonly string[], resolver: promises.Resolver): Promise<ResolvedName> {
  const failures: DnsError[] = []
  for (const name of names) {
    const found = await resolveBoth(name, resolver)
    if (!(found instanceof DnsError)) return found
    failures.push(found)
  }
  throw mostSevere(failures)
}

type Outcome = readonly RecordWithTtl[] | DnsError

async function resolveBoth(name: string, resolver: promises.Resolver): Promise<ResolvedName | DnsError> {
  const asked = [
    outcomeOf(name, resolver.resolve4(name, { ttl: true })),
    outcomeOf(name, resolver.resolve6(name, { ttl: true })),
  ] as const
  const first = await Promise.race(asked)
  const isEnough = !(first instanceof DnsError)
  const all: Promise<readonly Outcome[]> = Promise.all(asked)
  const outcomes = isEnough ? await orAfter(familyGrace, all, [first]) : await all
  const records = interleaved(outcomes.map(outcome => (outcome instanceof DnsError ? [] : outcome)))
  if (records.length === 0) return mostSevere(outcomes.filter(outcome => outcome instanceof DnsError))
  return {
    addresses: records.map(({ address }) => address),
    holds: Math.min(...records.map(({ ttl }) => ttl)) * 1000,
  }
}

// Of each family in turn: sockets try the first few, and some of both should be among them.
function interleaved(lists: readonly (readonly RecordWithTtl[])[]): readonly RecordWithTtl[] {
  const longest = Math.max(...lists.map(list => list.length))
  return Array.from({ length: longest }, (_, at) => lists.flatMap(list => list[at] ?? [])).flat()
}

async function orAfter<T>(milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>()
  const timer = setTimeout(resolve, milliseconds, otherwise)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

async function outcomeOf(name: string, records: Promise<readonly RecordWithTtl[]>): Promise<Outcome> {
  try {
    const found = await records
    return found.length > 0 ? found : dnsError(name, 'ENODATA')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    return dnsError(name, code)
  }
}

// The kubelet and people change these files seldom; after a change one waits this long at most.
const checkAfter = 5_000
// Lists against advertising, put into /etc/hosts, reach a few MB; more than this is no such file.
const mostBytes = 16 * 1024 * 1024

/** A small local file, parsed again after it changed; a file that is missing or unreadable counts as empty. */
export interface PolledFile<T> {
  get(): T
}

/**
 * Creates a reader that checks the file for changes every few seconds. It reads synchronously: on the thread pool it could wait
 * behind other stuck work. `now` gives epoch milliseconds.
 */
export function createPolledFile<T>(
  path: string,
  parse: (text: string) => T,
  now: () => number,
): PolledFile<T> {
  let held: { readonly value: T; readonly stamp: string } | undefined
  let checkAt = 0
  return {
    get() {
      if (held !== undefined && now() < checkAt) return held.value
      checkAt = now() + checkAfter
      const stamp = stampOf(path)
      if (held?.stamp !== stamp) held = { value: parse(stamp === '' ? '' : read(path)), stamp }
      return held.value
    },
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || !found.isFile() || found.size > mostBytes) return ''
  return `${found.ino} ${found.mtimeMs} ${found.size}`
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone or not readable: then DNS alone decides, as in the C library
  }
}

/** The addresses of each name of a hosts file (hosts(5)), in its order; names in lower case. */
export function parseHostsFile(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0) continue
    for (const name of names) add(hosts, name.toLowerCase().replace(/\.$/, ''), address)
  }
  return hosts
}

function add(hosts: Map<string, string[]>, name: string, address: string): void {
  const addresses = hosts.get(name)
  if (addresses === undefined) hosts.set(name, [address])
  else if (!addresses.includes(address)) addresses.push(address)
}

/** The domains in which resolv.conf(5) has a name looked for, without the dot at the end; the last `search` or `domain` holds. */
export function parseSearchDomains(text: string): readonly string[] {
  const lines = text.split('\n').map(line => line.trim().split(/\s+/))
  const [, ...domains] = lines.findLast(([key]) => key === 'search' || key === 'domain') ?? []
  return domains.map(domain => domain.toLowerCase().replace(/\.$/, '')).filter(domain => domain !== '')
}
