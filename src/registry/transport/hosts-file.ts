import { isIP } from 'node:net'

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
