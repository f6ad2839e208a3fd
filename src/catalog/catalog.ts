import { TagSourceError, type KnownTags, type TagCatalog, type TagSource } from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import { createFailures, type Failures } from './failures.ts'
import { fetchIndex } from './fetch-index.ts'
import { createLookUps, repositoryKey } from './look-ups.ts'
import { createMemory, type Memory } from './memory.ts'
import { defaultLimits, type CatalogOptions } from './options.ts'

/** What a catalog holds and does at the moment. */
export interface CatalogSize {
  readonly repositories: number
  readonly tags: number
  /** Look-ups under way, those that wait for their turn included. */
  readonly lookUps: number
}

/** The tags of repositories in memory. */
export interface Catalog extends TagCatalog {
  size(): CatalogSize
  /** Stops what is under way; what is held stays. */
  close(): void
}

/** An empty catalog over a source. The last good value is kept, with its age, while the source fails. */
export function createCatalog(source: TagSource, options: CatalogOptions): Catalog {
  const settings = { ...defaultLimits, ...options }
  const memory = createMemory(settings)
  const failures = createFailures(settings.failures, settings.now)
  const closing = new AbortController()
  const parts = { source, memory, failures, now: settings.now, signal: closing.signal }
  const lookUps = createLookUps(repository => lookUpNow(repository, parts), settings)

  function held(repository: Repository): KnownTags | undefined {
    const key = repositoryKey(repository)
    const found = memory.get(key)
    if (found?.isDue === true && failures.get(key) === undefined && !closing.signal.aborted)
      void lookUps.begin(repository)
    return found?.known
  }

  async function lookUp(repository: Repository): Promise<KnownTags> {
    const known = held(repository)
    if (known !== undefined) return known
    const failure = failures.get(repositoryKey(repository))
    if (failure !== undefined) throw failure
    // Both webhooks look at a request, one after the other: the second need not wait for what the first did not get.
    const elapsed = lookUps.elapsed(repository)
    if (elapsed !== undefined && elapsed >= settings.slowAfter) throw notCheckedYet(repository)
    return lookUps.begin(repository)
  }

  return {
    known: held,
    lookUp(repository) {
      const outcome = lookUp(repository)
      outcome.catch(() => undefined) // who lost patience does not hear of it any more, and that must not end the process
      return outcome
    },
    size: () => ({ ...memory.size(), lookUps: lookUps.size() }),
    close() {
      closing.abort()
    },
  }
}

interface LookUpParts {
  readonly source: TagSource
  readonly memory: Memory
  readonly failures: Failures
  readonly now: () => number
  readonly signal: AbortSignal
}

async function lookUpNow(repository: Repository, parts: LookUpParts): Promise<KnownTags> {
  const key = repositoryKey(repository)
  const begun = parts.now() // a tag that is pushed during the walk may be missed: the age counts from its start
  try {
    const index = await fetchIndex(parts.source, repository, parts.signal)
    const known = parts.memory.set(key, index, begun)
    if (known === undefined) throw tooLarge(repository, index.size)
    parts.failures.delete(key)
    return known
  } catch (error) {
    if (error instanceof TagSourceError && !parts.signal.aborted) parts.failures.add(key, error)
    throw error
  }
}

function notCheckedYet(repository: Repository): TagSourceError {
  return new TagSourceError(
    'not-checked-yet',
    `${repositoryKey(repository)}: its first look-up takes long, and goes on`,
  )
}

function tooLarge(repository: Repository, tags: number): TagSourceError {
  const why = `its ${tags} tags are more than the catalog may hold; give it room for more`
  return new TagSourceError('invalid-answer', `${repositoryKey(repository)}: ${why}`)
}
