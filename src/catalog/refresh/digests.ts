import {
  TagSourceError,
  type DigestQuery,
  type DigestSource,
  type KnownDigest,
  type TagDigest,
  type WantedDigest,
} from '../../evaluation/index.ts'
import { createDigestRecords, type DigestRecords } from '../disk/digest-records.ts'
import type { Entry } from '../entry/entry.ts'
import type { Failures } from './failures.ts'
import { createFlights, type Asked, type Flights, type FlightsOptions } from './flights.ts'
import type { CatalogLimits } from './options.ts'
import { portError } from './port-error.ts'
import type { DigestRecord, StoredDigests } from '../disk/stored-header.ts'
import { repositoryKey, type View } from '../entry/views.ts'

/** What the tags of views stand for, in memory. */
export interface Digests {
  /** What is known, at once; what is due is looked up in the background. */
  known(view: View, wanted: WantedTag): KnownDigest | undefined
  /** The tags that people were told of and that exist. */
  proven(view: View): readonly string[]
  /** @throws TagSourceError where there is nothing to return. */
  lookUp(view: View, wanted: WantedTag): Promise<KnownDigest>
  /** Looks whether tags that stood for nothing do so still, where that was long ago. */
  recheck(view: View, entry: Entry): void
  of(view: View): StoredDigests
  restore(view: View, digests: StoredDigests): void
}

type WantedTag = Pick<WantedDigest, 'tag' | 'platforms' | 'told' | 'namespace' | 'fresh'>

export interface DigestsOptions extends FlightsOptions, Pick<CatalogLimits, 'digests' | 'refreshAfter'> {
  readonly source: Partial<DigestSource>
  readonly failures: Failures
  readonly signal: AbortSignal
  /** Called after each answer, once it is remembered. */
  onAnswer(view: View, tag: string, digest: TagDigest | undefined): Promise<void>
  /** Called once more is known of a manifest. */
  onPlatforms(view: View): void
}

const hour = 60 * 60_000

// A tag that was moved lately is looked at as often as the list; one that has stood still for half a day, after hours.
const longestRest = 6 * hour

// A tag that is listed and cannot be had is usually half deleted; it is asked for again in case it was half pushed.
const absentFor = hour

// A registry that has lost its manifests is not asked for all of them at each refresh.
const mostRechecks = 4

/** No digests yet. */
export function createDigests(options: DigestsOptions): Digests {
  const records = createDigestRecords(options.digests)
  const flights = createFlights((asked: AskedTag) => ask(asked, records, options), options)
  const parts = { ...options, records, flights }
  return {
    known: (view, wanted) => knownDigest(view, wanted, parts),
    proven: view =>
      [...records.of(view)].flatMap(([tag, { digest, told }]) => (told && digest !== undefined ? [tag] : [])),
    lookUp: (view, wanted) => lookUp(view, wanted, parts),
    recheck(view, { absent }) {
      const due = [...absent].filter(([, at]) => options.now() - at >= absentFor)
      for (const [tag] of due.slice(0, mostRechecks))
        void begin(flights, { view, tag, platforms: false, told: false, ...background })
    },
    of: view => records.of(view),
    restore: (view, digests) => records.set(view, digests),
  }
}

interface DigestParts extends DigestsOptions {
  readonly records: DigestRecords
  readonly flights: Flights<AskedTag, KnownDigest>
}

function knownDigest(
  view: View,
  { tag, platforms = false, told = false, fresh }: WantedTag,
  parts: DigestParts,
): KnownDigest | undefined {
  const { records, flights, now } = parts
  const record = records.of(view).get(tag)
  if (record === undefined) return undefined
  if (told && !record.told) records.keep(view, tag, { ...record, told })
  if (platforms && lacksPlatforms(record)) return undefined
  if (isDue(view, tag, parts)) {
    if (fresh !== undefined) return undefined
    void begin(flights, { view, tag, platforms, told, ...background })
  }
  return knownOf(record, now())
}

function isDue(
  view: View,
  tag: string,
  { records, failures, now, refreshAfter, signal }: DigestParts,
): boolean {
  const record = records.of(view).get(tag)
  if (record === undefined || now() - record.fetchedAt < restOf(record, refreshAfter)) return false
  return failures.get(keyOf(view, tag)) === undefined && !signal.aborted
}

async function lookUp(view: View, wanted: WantedTag, parts: DigestParts): Promise<KnownDigest> {
  const { tag, platforms = false, told = false, namespace } = wanted
  const { records, flights, failures, now } = parts
  const held = knownDigest(view, wanted, parts)
  if (held !== undefined) return held
  const failure = failures.get(keyOf(view, tag))
  if (failure !== undefined) throw failure
  const record = records.of(view).get(tag)
  if (record === undefined || (platforms && lacksPlatforms(record)))
    return begin(flights, { view, tag, platforms, told, urgency: 'admission', namespace })
  try {
    return await begin(flights, { view, tag, platforms, told, ...background })
  } catch (error) {
    // It is due, and a fresh one was wanted; where that cannot be had, what is held counts.
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
  return flights.join(`${keyOf(asked.view, asked.tag)} ${asked.platforms}`, asked).outcome
}

async function ask(asked: AskedTag, records: DigestRecords, options: DigestsOptions): Promise<KnownDigest> {
  const { view, tag } = asked
  const { now, failures, signal } = options
  try {
    const record = await askForDigest(asked, records, options)
    // Kept by now: that the tag exists is known, whatever becomes of its platforms.
    const whole = asked.platforms ? await withPlatforms(asked, record, options) : record
    if (whole !== record) {
      records.keep(view, tag, whole)
      options.onPlatforms(view)
    }
    failures.delete(keyOf(view, tag))
    return knownOf(whole, now())
  } catch (error) {
    const failure = portError(error, view.repository, signal)
    if (!signal.aborted) failures.add(keyOf(view, tag), failure)
    throw failure
  }
}

async function askForDigest(
  asked: AskedTag,
  records: DigestRecords,
  options: DigestsOptions,
): Promise<DigestRecord> {
  const { view, tag, told } = asked
  const { source, signal, now } = options
  signal.throwIfAborted()
  if (source.digestOf === undefined)
    throw new TagSourceError('unavailable', `${repositoryKey(view.repository)}: its source gives no digests`)
  const begun = now()
  const digest = await source.digestOf(queryOf(asked), signal)
  const record = recordAfter(records.of(view).get(tag), { digest, told, fetchedAt: begun })
  records.keep(view, tag, record)
  await options.onAnswer(view, tag, digest)
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
  const platforms = (await source.platformsOf?.(query, signal)) ?? 'untold'
  return { ...record, digest: { ...digest, platforms } }
}

function queryOf({ view: { repository, credentials }, tag, urgency, namespace }: AskedTag): DigestQuery {
  return { ...repository, tag, urgency, namespace, ...(credentials.length > 0 && { credentials }) }
}

function lacksPlatforms({ digest }: DigestRecord): boolean {
  return digest !== undefined && digest.platforms === undefined
}

function recordAfter(before: DigestRecord | undefined, asked: Omit<DigestRecord, 'since'>): DigestRecord {
  const { digest, fetchedAt } = asked
  const told = asked.told || before?.told === true
  if (before === undefined || before.digest?.digest !== digest?.digest)
    return { digest, told, fetchedAt, since: fetchedAt }
  // The same content has the same platforms.
  const kept = digest && { ...digest, platforms: digest.platforms ?? before.digest?.platforms }
  return { digest: kept, told, fetchedAt, since: before.since }
}

function restOf({ digest, fetchedAt, since }: DigestRecord, refreshAfter: number): number {
  if (digest === undefined) return absentFor
  return Math.max(refreshAfter, Math.min(longestRest, (fetchedAt - since) / 2))
}

function knownOf({ digest, fetchedAt }: DigestRecord, now: number): KnownDigest {
  return { digest, age: Math.max(0, now - fetchedAt) }
}

function keyOf({ key }: View, tag: string): string {
  return `${key} :${tag}`
}
