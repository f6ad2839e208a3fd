import { itemsOf, jsonIn, member, textOf } from '../../json/index.ts'
import { CertificateError } from '../x509/certificate-error.ts'
import { parseAuthority, type Authority } from './authority.ts'
import { trusted } from './bundle.ts'

/** An authority that signs no more, and that is trusted until what it signed has ended. */
export interface PreviousAuthority {
  /** PEM. */
  readonly certificate: string
  /** Epoch milliseconds; its own end may come before. */
  readonly until: number
}

/** The authorities of an installation: the one that signs, the one that will sign next, those that signed before. */
export interface Authorities {
  readonly current: Authority | undefined
  readonly next: Authority | undefined
  readonly previous: readonly PreviousAuthority[]
}

/** What the Secret of the authorities holds. */
export type StoredAuthorities =
  | { readonly kind: 'none' }
  | { readonly kind: 'usable'; readonly authorities: Authorities }
  | { readonly kind: 'broken'; readonly problem: CertificateError }

/** The content of a Secret: texts by their keys. */
export type SecretData = Readonly<Record<string, string>>

const keys = ['ca.crt', 'ca.key', 'next.crt', 'next.key', 'previous.json'] as const
// Two pairs and five certificates have 6 KiB.
const mostCharacters = 65_536
const mostPrevious = 5

/** Reads the authorities of a Secret. One without our keys holds none: the manifests bring it so. */
export function readAuthorities(data: SecretData): StoredAuthorities {
  const texts = keys.map(key => textOf(member(data, key)))
  if (texts.every(text => text.trim() === '')) return { kind: 'none' }
  try {
    if (texts.join('').length > mostCharacters) throw broken(`it has more than ${mostCharacters} characters`)
    const [certificate, key, nextCertificate, nextKey, previous = ''] = texts
    const authorities = {
      current: pairOf('ca', certificate, key),
      next: pairOf('next', nextCertificate, nextKey),
      previous: previousIn(previous),
    }
    if (authorities.current === undefined && authorities.next === undefined) throw broken('ca.crt is missing')
    return { kind: 'usable', authorities }
  } catch (error) {
    if (error instanceof CertificateError) return { kind: 'broken', problem: error }
    throw error
  }
}

function pairOf(name: string, certificate = '', key = ''): Authority | undefined {
  if (certificate === '' && key === '') return undefined
  if (certificate === '' || key === '')
    throw broken(`${name}.${certificate === '' ? 'crt' : 'key'} is missing`)
  try {
    return parseAuthority(certificate, key)
  } catch (error) {
    if (error instanceof CertificateError) throw broken(`${name}.crt and ${name}.key: ${error.message}`)
    throw error
  }
}

function previousIn(text: string): readonly PreviousAuthority[] {
  if (text === '') return []
  const read = jsonIn(text)
  if (!Array.isArray(read) || read.length > mostPrevious) throw broken('previous.json cannot be read')
  return itemsOf(read).map(one => {
    const certificate = trusted(textOf(member(one, 'certificate')))?.certificate
    const until = Date.parse(textOf(member(one, 'until')))
    if (certificate === undefined || Number.isNaN(until)) throw broken('previous.json cannot be read')
    return { certificate, until }
  })
}

/** The Secret's content for these authorities; `undefined` for a key that it is not to have. */
export function writeAuthorities({
  current,
  next,
  previous,
}: Authorities): Record<string, string | undefined> {
  // More than that in the time of one leaf come from a clock or a person that plays; the newest were trusted last.
  const kept = previous.slice(-mostPrevious)
  const shown = kept.map(({ certificate, until }) => ({ certificate, until: new Date(until).toISOString() }))
  return {
    'ca.crt': current?.certificate,
    'ca.key': current?.key,
    'next.crt': next?.certificate,
    'next.key': next?.key,
    'previous.json': shown.length === 0 ? undefined : JSON.stringify(shown),
  }
}

function broken(why: string): CertificateError {
  return new CertificateError('invalid-authority', why)
}
