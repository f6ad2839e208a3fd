import type { Platforms, TagDigest } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import type { Covered } from '../entry/coverage.ts'
import type { Listed } from '../entry/entry.ts'

/** What is known of the digest of a tag. */
export interface DigestRecord {
  /** Undefined where the registry said that there is no such tag. */
  readonly digest: TagDigest | undefined
  readonly fetchedAt: number
  /** Since when it has been known to be the same. */
  readonly since: number
  /** That it exists was told to people: others do not push it out. */
  readonly told: boolean
}

/** Digests by tag. */
export type StoredDigests = ReadonlyMap<string, DigestRecord>

type Header = Omit<Listed, 'ledger'> & {
  readonly baseline: number
  readonly digests: StoredDigests
}

/** The header of a file, as it goes into JSON. */
export function writeHeader(stored: Listed & { readonly digests: StoredDigests }): object {
  const { repository, parts, count, validator, walkedAt, missing, absent, ledger, digests } = stored
  return {
    registry: repository.registry,
    repository: repository.repository,
    parts: parts.map(({ prefix, fetchedAt }) => [prefix, fetchedAt]),
    count,
    validator,
    walkedAt,
    missing,
    baseline: ledger.baseline,
    absent: [...absent],
    digests: [...digests].map(([tag, { digest, fetchedAt, since, told }]) => ({
      tag,
      digest: digest?.digest,
      platforms: digest?.platforms && writePlatforms(digest.platforms),
      fetchedAt,
      since,
      told: told || undefined,
    })),
  }
}

/** The header that a text stands for; undefined where it is none. */
export function readHeader(text: string): Header | undefined {
  try {
    const read = fieldsOf(JSON.parse(text))
    const parts = readList(read('parts'), readPart)
    return {
      repository: readRepository(read),
      parts: parts.length === 0 ? fail() : parts,
      count: readNumber(read('count')),
      validator: optional(read('validator'), readText),
      walkedAt: readNumber(read('walkedAt')),
      missing: read('missing') === true,
      baseline: readNumber(read('baseline')),
      absent: new Map(readList(read('absent'), readAbsent)),
      digests: new Map(readList(read('digests'), readDigest)),
    }
  } catch {
    return undefined // JSON that is none, and what `fail` was called for
  }
}

type Read = (name: string) => unknown

function readRepository(read: Read): Repository {
  return { registry: readText(read('registry')), repository: readText(read('repository')) }
}

function readPart(value: unknown): Covered {
  const [prefix, fetchedAt] = readArray(value)
  const at = readNumber(fetchedAt)
  return { prefix: readText(prefix), fetchedAt: at, refreshAt: at, seal: '' }
}

function readAbsent(value: unknown): readonly [string, number] {
  const [tag, at] = readArray(value)
  return [readText(tag), readNumber(at)]
}

function readDigest(value: unknown): readonly [string, DigestRecord] {
  const read = fieldsOf(value)
  const digest = optional(read('digest'), readText)
  const platforms = optional(read('platforms'), readPlatforms)
  const known = digest === undefined ? undefined : { digest, platforms }
  return [
    readText(read('tag')),
    {
      digest: known,
      fetchedAt: readNumber(read('fetchedAt')),
      since: readNumber(read('since')),
      told: read('told') === true,
    },
  ]
}

function writePlatforms(platforms: Platforms): unknown {
  return typeof platforms === 'string' ? platforms : [...platforms]
}

function readPlatforms(value: unknown): Platforms {
  if (value === 'one' || value === 'none' || value === 'untold') return value
  return new Map(readList(value, readPair))
}

function readPair(value: unknown): readonly [string, string] {
  const [one, other] = readArray(value)
  return [readText(one), readText(other)]
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : fail()
}

function readNumber(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : fail()
}

function readList<T>(value: unknown, readOne: (one: unknown) => T): T[] {
  return readArray(value).map(readOne)
}

function readArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : fail()
}

function optional<T>(value: unknown, readOne: (one: unknown) => T): T | undefined {
  return value === undefined ? undefined : readOne(value)
}

function fieldsOf(value: unknown): Read {
  if (typeof value !== 'object' || value === null) return fail()
  return name => Object.getOwnPropertyDescriptor(value, name)?.value
}

function fail(): never {
  throw new TypeError('not the header of a stored repository')
}
