import { LRUCache } from 'lru-cache'

import {
  TagSourceError,
  type DigestSource,
  type KnownDigest,
  type TagDigest,
  type Urgency,
  type WantedDigest,
} from '../evaluation/index.ts'
import type { Entry } from './entry.ts'
import type { Failures } from './failures.ts'
import { inTurn, type LookUpsOptions } from './look-ups.ts'
import type { CatalogLimits } from './options.ts'
import { portError } from './port-error.ts'
import type { DigestRecord, StoredDigests } from './stored-header.ts'
import { repositoryKey, type View } from './views.ts'

/** What the tags of views stand for, in memory. */
export interface Digests {
  /** What is known, at once; what is due is looked up in the background. */
  known(view: View, wanted: WantedTag): KnownDigest | undefined
  /** @throws TagSourceError where there is nothing to return. */
  lookUp(view: View, wanted: WantedTag): Promise<KnownDigest>
  /** Looks whether tags that stood for nothing do so still, where that was long ago. */
  recheck(view: View, entry: Entry): void
  of(view: View): StoredDigests
  restore(view: View, digests: StoredDigests): void
}

type WantedTag = Pick<WantedDigest, 'tag' | 'platforms'>

export interface DigestsOptions
  extends Pick<LookUpsOptions, 'refusal' | 'queue' | 'now'>, Pick<CatalogLimits, 'digests' | 'refreshAfter'> {
  readonly source: Partial<DigestSource>
  readonly failures: Failures
  readonly signal: AbortSignal
  /** Called after each answer, once it is remembered. */
  onAnswer(view: View, tag: string, digest: TagDigest | undefined): Promise<void>
}

const hour = 60 * 60_000

// A tag that was moved lately is looked at as often as the list; one that has stood still for half a day, after hours.
const longestRest = 6 * hour

// A tag that is listed and cannot be had is usually half deleted; it is asked for again in case it was half pushed.
const absentFor = hour

// A registry that has lost its manifests is not asked for all of them at each refresh.
const mostRechecks = 4

// A view that has more digests than tags anybody runs is somebody's play.
const mostOfView = 100

/** No digests yet. */
export function createDigests(options: DigestsOptions): Digests {
  const { now, failures } = options
  const records = createRecords(options.digests)
  const begin = createSingleFlight(asked => ask(asked, records, options))

  function known(view: View, { tag, platforms = false }: WantedTag): KnownDigest | undefined {
    const record = records.of(view).get(tag)
    if (record === undefined || (platforms && lacksPlatforms(record))) return undefined
    const isDue = now() - record.fetchedAt >= restOf(record, options.refreshAfter)
    if (isDue && failures.get(keyOf(view, tag)) === undefined && !options.signal.aborted)
      void begin({ view, tag, platforms, urgency: 'refresh' })
    return knownOf(record, now())
  }

  return {
    known,
    async lookUp(view, wanted) {
      const { tag, platforms = false } = wanted
      const held = known(view, wanted)
      if (held !== undefined) return held
      const failure = failures.get(keyOf(view, tag))
      if (failure !== undefined) throw failure
      return begin({ view, tag, platforms, urgency: 'admission' })
    },
    recheck(view, { absent }) {
      const due = [...absent].filter(([, at]) => now() - at >= absentFor)
      for (const [tag] of due.slice(0, mostRechecks))
        void begin({ view, tag, platforms: false, urgency: 'refresh' })
    },
    of: view => records.of(view),
    restore: (view, digests) => records.set(view, digests),
  }
}

interface Records {
  of(view: View): StoredDigests
  set(view: View, digests: StoredDigests): void
}

function createRecords(most: number): Records {
  const none: StoredDigests = new Map()
  const views = new LRUCache<string, StoredDigests>({
    maxSize: most,
    sizeCalculation: digests => digests.size + 1,
  })
  return {
    of: view => views.get(view.key) ?? none,
    set: (view, digests) => void views.set(view.key, digests),
  }
}

type Begin = (asked: Asked) => Promise<KnownDigest>

function createSingleFlight(work: Begin): Begin {
  const underWay = new Map<string, Promise<KnownDigest>>()
  return asked => {
    const key = `${keyOf(asked.view, asked.tag)} ${asked.platforms}`
    const current = underWay.get(key)
    if (current !== undefined) return current
    const outcome = work(asked).finally(() => underWay.delete(key))
    outcome.catch(() => undefined) // who waits for it is told too
    underWay.set(key, outcome)
    return outcome
  }
}

interface Asked {
  readonly view: View
  readonly tag: string
  readonly platforms: boolean
  readonly urgency: Urgency
}

async function ask(asked: Asked, records: Records, options: DigestsOptions): Promise<KnownDigest> {
  const { view, tag } = asked
  const { now, failures, signal } = options
  try {
    const begun = now()
    const digest = await inTurn(asked, () => digestOf(asked, options), options)
    const before = records.of(view)
    const record = recordAfter(before.get(tag), digest, begun)
    const others = [...before].filter(([other]) => other !== tag)
    records.set(view, new Map([...others.slice(1 - mostOfView), [tag, record]]))
    failures.delete(keyOf(view, tag))
    await options.onAnswer(view, tag, digest)
    return knownOf(record, now())
  } catch (error) {
    const told = portError(error, view.repository, signal)
    if (!signal.aborted) failures.add(keyOf(view, tag), told)
    throw told
  }
}

async function digestOf(
  { view: { repository, credentials }, tag, platforms, urgency }: Asked,
  { source, signal }: DigestsOptions,
): Promise<TagDigest | undefined> {
  signal.throwIfAborted()
  if (source.digestOf === undefined)
    throw new TagSourceError('unavailable', `${repositoryKey(repository)}: its source gives no digests`)
  const asked = { ...repository, tag, urgency, ...(credentials.length > 0 && { credentials }) }
  if (!platforms) return source.digestOf(asked, signal)
  const found = await source.digestOf({ ...asked, platforms }, signal)
  // Who has none, or gives them for a pull only, is not asked again.
  return found && { ...found, platforms: found.platforms ?? new Map() }
}

function lacksPlatforms({ digest }: DigestRecord): boolean {
  return digest !== undefined && digest.platforms === undefined
}

function recordAfter(
  before: DigestRecord | undefined,
  digest: TagDigest | undefined,
  fetchedAt: number,
): DigestRecord {
  if (before === undefined || before.digest?.digest !== digest?.digest)
    return { digest, fetchedAt, since: fetchedAt }
  // The same content has the same platforms.
  const kept = digest && { ...digest, platforms: digest.platforms ?? before.digest?.platforms }
  return { digest: kept, fetchedAt, since: before.since }
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
