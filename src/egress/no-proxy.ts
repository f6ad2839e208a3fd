import { isIP } from 'node:net'
import { addressRanges } from './addresses.ts'

/** Whether a host (without brackets) and port are reached without a proxy. */
export type Bypass = (host: string, port: number) => boolean

/**
 * Reads a `NO_PROXY` as Go's programs do, so that one text serves a whole cluster: entries between commas or spaces; `*` for all;
 * `example.com` for the name and those below it, `.example.com` and `*.example.com` only for those below; an address; a range
 * (`10.0.0.0/8`), which holds for addresses and not for the names that lead to them; each but a range with `:port` if wanted.
 * The loopback is never behind a proxy.
 */
export function parseNoProxy(text: string): Bypass {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .map(parseEntry)
  return (host, port) => {
    const name = host.toLowerCase().replace(/\.$/, '')
    return isLoopback(name) || entries.some(matches => matches(name, port))
  }
}

function parseEntry(entry: string): Bypass {
  if (entry.includes('/')) return rangeEntry(entry)
  const [host, port] = hostAndPort(entry)
  const isHost = hostEntry(host)
  return (name, wanted) => (port === undefined || port === wanted) && isHost(name)
}

// An entry that is neither a range nor a name matches nothing, as in Go: it was not written for us, and more is behind the proxy.
function rangeEntry(entry: string): Bypass {
  try {
    const range = addressRanges([entry], text => {
      throw new RangeError(text)
    })
    return name => range.contains(name)
  } catch (error) {
    if (error instanceof RangeError) return () => false
    throw error
  }
}

function hostAndPort(entry: string): readonly [host: string, port: number | undefined] {
  if (isIP(entry) !== 0) return [entry, undefined]
  const [, host = entry, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? []
  return [host.replace(/^\[(.*)\]$/, '$1'), port === undefined ? undefined : Number(port)]
}

function hostEntry(entry: string): (name: string) => boolean {
  if (entry === '*') return () => true
  if (isIP(entry) !== 0) return name => name === entry
  const below = entry.replace(/^\*?\.?/, '.').replace(/\.$/, '')
  const isApexToo = !/^[*.]/.test(entry)
  return name => name.endsWith(below) || (isApexToo && `.${name}` === below)
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || loopback.contains(name)
}

const loopback = addressRanges(['127.0.0.0/8', '::1'], text => {
  throw new RangeError(text)
})
