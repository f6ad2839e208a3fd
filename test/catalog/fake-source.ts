import {
  createCatalog,
  type Catalog,
  type CatalogOptions,
  type SuspicionEvent,
  type LookUpEvent,
} from '../../src/catalog/index.ts'
import {
  TagSourceError,
  type DigestQuery,
  type ManifestFacts,
  type ManifestQuery,
  type Platforms,
  type TagAnswer,
  type TagDigest,
  type TagListing,
  type TagQuery,
  type TagSourceCode,
} from '../../src/evaluation/index.ts'
import type { Repository } from '../../src/image/index.ts'
import { tagListOf, textsOf, type LearnedTags } from '../../src/version/index.ts'

export const minute = 60_000
export const hour = 60 * minute
export const start = 1_700_000_000_000
export const app: Repository = { registry: 'r.example', repository: 'team/app' }

/** What a fake source answers: tags, a whole answer, an error, what a function gives, or nothing until it is told. */
export type Answer = readonly string[] | TagAnswer | Error | 'wait' | ((query: TagQuery) => Answer)

/** A complete listing of some tags, but for what is said of it. */
export function listing(tags: readonly string[], more: Partial<TagListing> = {}): TagAnswer {
  const nothing = { slice: undefined, published: undefined, validator: undefined, shared: true }
  return { kind: 'listed', tags: tagListOf(tags), ...nothing, ...more }
}

/** The tags of an index, sorted. */
export function tagsIn(index: LearnedTags | undefined): readonly string[] | undefined {
  return index && textsOf(index.list).toSorted()
}

// A source that gives what the test last said, and remembers what was asked.
function fakeSource(first: Answer) {
  const asked: string[] = []
  const queries: TagQuery[] = []
  const waiting: ((answer: Answer) => void)[] = []
  const heads: DigestQuery[] = []
  const digests = new Map<string, TagDigest | Error>()
  const gets: ManifestQuery[] = []
  const platforms = new Map<string, Platforms | Error>()
  /** Sources by digest. */
  const sources = new Map<string, string>()
  let answer = first
  let underWay = 0
  let mostAtOnce = 0

  async function answerTo(given: Answer, query: TagQuery, signal: AbortSignal): Promise<TagAnswer> {
    if (typeof given === 'function') return answerTo(given(query), query, signal)
    if (given === 'wait') return answerTo(await waitFor(signal), query, signal)
    if (given instanceof Error) throw given
    return 'kind' in given ? given : listing(given)
  }

  function waitFor(signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      waiting.push(resolve)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }

  return {
    source: {
      async listTags(query: TagQuery, signal: AbortSignal): Promise<TagAnswer> {
        asked.push(`${query.registry}/${query.repository}`)
        queries.push(query)
        mostAtOnce = Math.max(mostAtOnce, ++underWay)
        try {
          return await answerTo(answer, query, signal)
        } finally {
          underWay--
        }
      },
      async digestOf(query: DigestQuery): Promise<TagDigest | undefined> {
        heads.push(query)
        const digest = digests.get(query.tag)
        if (digest instanceof Error) throw digest
        return digest
      },
      async manifestOf(query: ManifestQuery): Promise<ManifestFacts> {
        gets.push(query)
        const known = platforms.get(query.digest) ?? 'one'
        if (known instanceof Error) throw known
        return { platforms: known, source: sources.get(query.digest) }
      },
    },
    asked,
    queries,
    heads,
    digests,
    gets,
    platforms,
    sources,
    mostAtOnce: () => mostAtOnce,
    say: (next: Answer): void => {
      answer = next
      if (next !== 'wait') for (const go of waiting.splice(0)) go(next)
    },
  }
}

interface Timer {
  readonly at: number
  work(): void
}

/** A catalog over a fake source, with a clock and timers that the test moves. */
export function setUp(first: Answer, options: Partial<CatalogOptions> = {}) {
  const fake = fakeSource(first)
  const clock = { now: start }
  const timers = new Set<Timer>()
  const events: LookUpEvent[] = []
  const suspicions: SuspicionEvent[] = []
  const settings: CatalogOptions = {
    now: () => clock.now,
    random: () => 0.5,
    registries: ['r.example'],
    later(milliseconds, work) {
      const timer = { at: clock.now + milliseconds, work }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    onLookUp: event => events.push(event),
    onSuspicion: event => suspicions.push(event),
    ...options,
  }
  // Moves the clock, and does what is due then.
  async function pass(milliseconds: number): Promise<void> {
    clock.now += milliseconds
    for (const timer of timers) {
      if (timer.at > clock.now) continue
      timers.delete(timer)
      timer.work()
    }
    await settle()
  }
  const catalog: Catalog = createCatalog(fake.source, settings)
  return { ...fake, clock, timers, events, suspicions, catalog, settings, pass }
}

/** Look-ups that nobody waits for need a few turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await new Promise<void>(resolve => setImmediate(resolve))
}

export const failed = (code: TagSourceCode, retryAt?: number) =>
  new TagSourceError(code, `r.example/team/app: ${code}`, retryAt === undefined ? {} : { retryAt })
