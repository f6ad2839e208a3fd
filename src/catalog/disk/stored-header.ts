import type { Platforms } from '../../evaluation/index.ts'
import { sourceUrl, type Repository } from '../../image/index.ts'
import { isJsonObject, member } from '../../json/index.ts'
import type { DigestRecord, StoredDigests } from '../entry/digest-records.ts'
import type { TagRange, Listed } from '../entry/entry.ts'

type Header = Omit<Listed, 'history'> & {
  readonly baseline: number
  readonly digests: StoredDigests
}

/** The header of a file as JSON data. */
export function writeHeader(stored: Listed & { readonly digests: StoredDigests }): object {
  const { repository, ranges, count, validator, walkedAt, missing, absent, history, digests } = stored
  return {
    registry: repository.registry,
    repository: repository.repository,
    parts: ranges.map(({ prefix, fetchedAt }) => [prefix, fetchedAt]),
    count,
    validator,
    walkedAt,
    missing,
    baseline: history.baseline,
    absent: [...absent],
    digests: [...digests].map(([tag, { digest, fetchedAt, since, movedAt, told }]) => ({
      tag,
      digest: digest?.digest,
      platforms: digest?.platforms && writePlatforms(digest.platforms),
      source: digest?.source,
      fetchedAt,
      since,
      movedAt,
      told: told || undefined,
    })),
  }
}

/** Parses the header of a file; undefined where the text is no header. */
export function readHeader(text: string): Header | undefined {
  try {
    const read = fieldsOf(JSON.parse(text))
    const ranges = readList(read('parts'), readRange)
    return {
      repository: readRepository(read),
      ranges: ranges.length === 0 ? fail() : ranges,
      count: readNumber(read('count')),
      validator: optional(read('validator'), readText),
      walkedAt: readNumber(read('walkedAt')),
      missing: read('missing') === true,
      baseline: readNumber(read('baseline')),
      absent: new Map(readList(read('absent'), readAbsent)),
      digests: new Map(readList(read('digests'), readDigest)),
    }
  } catch {
    return undefined // a JSON syntax error, or a call of `fail`
  }
}

type Read = (name: string) => unknown

function readRepository(read: Read): Repository {
  return { registry: readText(read('registry')), repository: readText(read('repository')) }
}

function readRange(value: unknown): TagRange {
  const [prefix, fetchedAt] = readArray(value)
  const at = readNumber(fetchedAt)
  return { prefix: readText(prefix), fetchedAt: at, refreshAt: at, contentHash: '' }
}

function readAbsent(value: unknown): readonly [string, number] {
  const [tag, at] = readArray(value)
  return [readText(tag), readNumber(at)]
}

function readDigest(value: unknown): readonly [string, DigestRecord] {
  const read = fieldsOf(value)
  const digest = optional(read('digest'), readText)
  const platforms = optional(read('platforms'), readPlatforms)
  // A link in messages, so it is checked as if it came from the registry. Older files have none, and no `movedAt`.
  const source = sourceUrl(read('source'))
  const known =
    digest === undefined ? undefined : { digest, platforms, ...(source !== undefined && { source }) }
  return [
    readText(read('tag')),
    {
      digest: known,
      fetchedAt: readNumber(read('fetchedAt')),
      since: readNumber(read('since')),
      movedAt: optional(read('movedAt'), readNumber),
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
  return isJsonObject(value) ? name => member(value, name) : fail()
}

function fail(): never {
  throw new TypeError('not the header of a stored repository')
}
