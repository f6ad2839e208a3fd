import {
  TagSourceError,
  type DigestQuery,
  type DigestSource,
  type KnownDigest,
  type ManifestFacts,
  type TagDigest,
  type WantedDigest,
} from '../../evaluation/index.ts'
import { createDigestRecords, type DigestRecords } from '../entry/digest-records.ts'
import type { CatalogEntry } from '../entry/entry.ts'
import { portError, type Failures } from './failures.ts'
import { createFlights, type Asked, type Flights, type FlightsOptions } from './look-ups.ts'
import type { CatalogLimits } from './options.ts'
import type { DigestRecord, StoredDigests } from '../entry/digest-records.ts'
import { repositoryKey, type CacheScope } from '../entry/credential-scope.ts'

/** The digests of tags by scope, looked up from the source and cached. */
export interface Digests {
  /** The digest that is held, at once; one that is due is looked up in the background. */
  known(scope: CacheScope, wanted: WantedTag): KnownDigest | undefined
  /** The tags that messages named and that exist. */
  proven(scope: CacheScope): readonly string[]
  /** @throws TagSourceError where there is nothing to return. */
  lookUp(scope: CacheScope, wanted: WantedTag): Promise<KnownDigest>
  /** Checks dangling tags again whose last check was long ago. */
  recheck(scope: CacheScope, entry: CatalogEntry): void
  of(scope: CacheScope): StoredDigests
  restore(scope: CacheScope, digests: StoredDigests): void
}

type WantedTag = Pick<WantedDigest, 'tag' | 'platforms' | 'told' | 'namespace' | 'fresh'>

export interface DigestsOptions extends FlightsOptions, Pick<CatalogLimits, 'digests' | 'refreshAfter'> {
  readonly source: Partial<DigestSource>
  readonly failures: Failures
  readonly signal: AbortSignal
  /** Called after each answer, once it is cached. */
  onAnswer(scope: CacheScope, tag: string, digest: TagDigest | undefined): Promise<void>
  /** Called once the platforms of a manifest are known. */
  onPlatforms(scope: CacheScope): void
}

const hour = 60 * 60_000

// A tag that moved lately is checked as often as the list; one that has not for half a day, after hours.
const longestRest = 6 * hour

// A tag that is listed and has no manifest is usually half deleted; it is checked again in case it was half pushed.
const absentFor = hour

// Bounds the requests of a refresh to a registry that has lost its manifests.
const mostRechecks = 4

/** Creates an empty cache of digests over a source. */
export function createDigests(options: DigestsOptions): Digests {
  const records = createDigestRecords(options.digests)
  const flights = createFlights((asked: AskedTag) => ask(asked, records, options), options)
  const parts = { ...options, records, flights }
  return {
    known: (scope, wanted) => knownDigest(scope, wanted, parts),
    proven: scope =>
      [...records.of(scope)].flatMap(([tag, { digest, told }]) =>
        told && digest !== undefined ? [tag] : [],
      ),
    lookUp: (scope, wanted) => lookUp(scope, wanted, parts),
    recheck(scope, { absent }) {
      const due = [...absent].filter(([, at]) => options.now() - at >= absentFor)
      for (const [tag] of due.slice(0, mostRechecks))
        void begin(flights, { scope, tag, platforms: false, told: false, ...background })
    },
    of: scope => records.of(scope),
    restore: (scope, digests) => records.set(scope, digests),
  }
}

interface DigestParts extends DigestsOptions {
  readonly records: DigestRecords
  readonly flights: Flights<AskedTag, KnownDigest>
}

function knownDigest(
  scope: CacheScope,
  { tag, platforms = false, told = false, fresh }: WantedTag,
  parts: DigestParts,
): KnownDigest | undefined {
  const { records, flights, now } = parts
  const record = records.of(scope).get(tag)
  if (record === undefined) return undefined
  if (told && !record.told) records.keep(scope, tag, { ...record, told })
  if (platforms && lacksPlatforms(record)) return undefined
  if (isDue(scope, tag, parts)) {
    if (fresh !== undefined) return undefined
    void begin(flights, { scope, tag, platforms, told, ...background })
  }
  return knownOf(record, now())
}

function isDue(
  scope: CacheScope,
  tag: string,
  { records, failures, now, refreshAfter, signal }: DigestParts,
): boolean {
  const record = records.of(scope).get(tag)
  if (record === undefined || now() - record.fetchedAt < restOf(record, refreshAfter)) return false
  return failures.get(keyOf(scope, tag)) === undefined && !signal.aborted
}

async function lookUp(scope: CacheScope, wanted: WantedTag, parts: DigestParts): Promise<KnownDigest> {
  const { tag, platforms = false, told = false, namespace } = wanted
  const { records, flights, failures, now } = parts
  const held = knownDigest(scope, wanted, parts)
  if (held !== undefined) return held
  const failure = failures.get(keyOf(scope, tag))
  if (failure !== undefined) throw failure
  const record = records.of(scope).get(tag)
  if (record === undefined || (platforms && lacksPlatforms(record)))
    return begin(flights, { scope, tag, platforms, told, urgency: 'admission', namespace })
  try {
    return await begin(flights, { scope, tag, platforms, told, ...background })
  } catch (error) {
    // A fresh digest was wanted; where the source fails, the one that is held counts.
    if (!(error instanceof TagSourceError)) throw error
    return knownOf(record, now())
  }
}

const background = { urgency: 'refresh', namespace: undefined } as const

interface AskedTag extends Asked {
  readonly tag: string
  readonly platforms: boolean
  readonly told: boolean
}

function begin(flights: Flights<AskedTag, KnownDigest>, asked: AskedTag): Promise<KnownDigest> {
  return flights.join(`${keyOf(asked.scope, asked.tag)} ${asked.platforms}`, asked).outcome
}

async function ask(asked: AskedTag, records: DigestRecords, options: DigestsOptions): Promise<KnownDigest> {
  const { scope, tag } = asked
  const { now, failures, signal } = options
  try {
    const record = await askForDigest(asked, records, options)
    // The record is kept already: that the tag exists is known, also where its platforms fail.
    const whole = asked.platforms ? await withPlatforms(asked, record, options) : record
    if (whole !== record) {
      records.keep(scope, tag, whole)
      options.onPlatforms(scope)
    }
    failures.delete(keyOf(scope, tag))
    return knownOf(whole, now())
  } catch (error) {
    const failure = portError(error, scope.repository, signal)
    if (!signal.aborted) failures.add(keyOf(scope, tag), failure)
    throw failure
  }
}

async function askForDigest(
  asked: AskedTag,
  records: DigestRecords,
  options: DigestsOptions,
): Promise<DigestRecord> {
  const { scope, tag, told } = asked
  const { source, signal, now } = options
  signal.throwIfAborted()
  if (source.digestOf === undefined)
    throw new TagSourceError('unavailable', `${repositoryKey(scope.repository)}: its source gives no digests`)
  const begun = now()
  const digest = await source.digestOf(queryOf(asked), signal)
  const record = recordAfter(records.of(scope).get(tag), { digest, told, fetchedAt: begun })
  records.keep(scope, tag, record)
  await options.onAnswer(scope, tag, digest)
  return record
}

async function withPlatforms(
  asked: AskedTag,
  record: DigestRecord,
  { source, signal }: DigestsOptions,
): Promise<DigestRecord> {
  const { digest } = record
  if (digest === undefined || (digest.platforms !== undefined && digest.platforms !== 'untold')) return record
  const query = { ...queryOf(asked), digest: digest.digest }
  const manifest = await source.manifestOf?.(query, signal)
  const platforms = manifest?.platforms ?? 'untold'
  return { ...record, digest: { ...digest, platforms, ...sourceIn(manifest) } }
}

// Most images name none, and a record is kept for each tag.
function sourceIn(manifest: ManifestFacts | undefined): Pick<TagDigest, 'source'> {
  return manifest?.source === undefined ? {} : { source: manifest.source }
}

function queryOf({ scope: { repository, credentials }, tag, urgency, namespace }: AskedTag): DigestQuery {
  return { ...repository, tag, urgency, namespace, ...(credentials.length > 0 && { credentials }) }
}

function lacksPlatforms({ digest }: DigestRecord): boolean {
  return digest !== undefined && digest.platforms === undefined
}

function recordAfter(
  before: DigestRecord | undefined,
  asked: Omit<DigestRecord, 'since' | 'movedAt'>,
): DigestRecord {
  const { digest, fetchedAt } = asked
  const told = asked.told || before?.told === true
  if (before === undefined) return { digest, told, fetchedAt, since: fetchedAt, movedAt: undefined }
  if (before.digest?.digest !== digest?.digest)
    return { digest, told, fetchedAt, since: fetchedAt, movedAt: fetchedAt }
  // The same content has the same manifest.
  const kept = digest && {
    ...before.digest,
    ...digest,
    platforms: digest.platforms ?? before.digest?.platforms,
  }
  return { digest: kept, told, fetchedAt, since: before.since, movedAt: before.movedAt }
}

function restOf({ digest, fetchedAt, since }: DigestRecord, refreshAfter: number): number {
  if (digest === undefined) return absentFor
  return Math.max(refreshAfter, Math.min(longestRest, (fetchedAt - since) / 2))
}

function knownOf({ digest, fetchedAt, movedAt }: DigestRecord, now: number): KnownDigest {
  const age = Math.max(0, now - fetchedAt)
  return movedAt === undefined ? { digest, age } : { digest, age, since: movedAt }
}

function keyOf({ key }: CacheScope, tag: string): string {
  return `${key} :${tag}`
}
