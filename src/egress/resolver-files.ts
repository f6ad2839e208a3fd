import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

// The kubelet and people change these files seldom; after a change one waits this long at most.
const checkAfter = 5_000
// Lists against advertising, put into /etc/hosts, reach a few MB; more than this is no such file.
const mostBytes = 16 * 1024 * 1024

/** A small local file, parsed again after it changed; a file that is missing or unreadable counts as empty. */
export interface PolledFile<T> {
  get(): T
}

/**
 * A file that is looked at again after some seconds. It is read at once and not on the thread pool, where it would wait behind
 * whatever is stuck there; `now` gives epoch milliseconds.
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
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
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
