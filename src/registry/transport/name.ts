/** Why a name has no address. */
export type NameErrorCode =
  | 'ERR_NAME_NOT_FOUND' // NXDOMAIN
  | 'ERR_NAME_NO_ADDRESS' // the name exists, and has none
  | 'ERR_NAME_SERVFAIL' // the name server says that it failed
  | 'ERR_NAME_TIMEOUT' // no name server answered in time
  | 'ERR_NAME_FAILED' // anything else: refused, no server, an answer that cannot be read

/** A name could not be resolved. */
export class NameError extends Error {
  override readonly name = 'NameError'
  readonly code: NameErrorCode

  constructor(code: NameErrorCode, hostname: string, detail: string) {
    super(`${hostname}: ${detail}`)
    this.code = code
  }
}

/** The addresses of a name and how long they hold, in milliseconds. */
export interface ResolvedName {
  readonly addresses: readonly string[]
  readonly holds: number
}

/** The error for a code of c-ares. */
export function nameError(name: string, code: string): NameError {
  const known: readonly [NameErrorCode, string] | undefined = meanings[code]
  return new NameError(known?.[0] ?? 'ERR_NAME_FAILED', name, known?.[1] ?? `DNS failed (${code})`)
}

// The codes of c-ares.
const meanings: Readonly<Record<string, readonly [NameErrorCode, string]>> = {
  ENOTFOUND: ['ERR_NAME_NOT_FOUND', 'not in DNS'],
  EBADNAME: ['ERR_NAME_NOT_FOUND', 'no name that DNS can hold'],
  ENODATA: ['ERR_NAME_NO_ADDRESS', 'in DNS without an address'],
  ESERVFAIL: ['ERR_NAME_SERVFAIL', 'the DNS server failed (SERVFAIL)'],
  ETIMEOUT: ['ERR_NAME_TIMEOUT', 'no answer from DNS'],
}

// What one failed with says most: where a server failed, the name may well exist.
const gravest: readonly NameErrorCode[] = [
  'ERR_NAME_TIMEOUT',
  'ERR_NAME_SERVFAIL',
  'ERR_NAME_FAILED',
  'ERR_NAME_NO_ADDRESS',
  'ERR_NAME_NOT_FOUND',
]

/** The one of several failures that says most. */
export function gravestOf(failures: readonly NameError[]): NameError {
  const [first] = failures.toSorted((a, b) => gravest.indexOf(a.code) - gravest.indexOf(b.code))
  return first ?? new NameError('ERR_NAME_FAILED', '', 'was not asked for')
}
