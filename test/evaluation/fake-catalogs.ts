import {
  TagSourceError,
  type DigestCatalog,
  type KnownDigest,
  type KnownTags,
  type TimeLimit,
  type TagCatalog,
  type TagDigest,
  type WantedDigest,
  type WantedTags,
} from '../../src/evaluation/index.ts'
import { learnTags, tagListOf } from '../../src/version/index.ts'

/** A digest that is told from others by one hexadecimal digit. */
export function digestNamed(digit: string): string {
  return `sha256:${digit.repeat(64)}`
}

/** What a tag stands for, by the digits of its digest and of those of its platforms. */
export function contentOf(
  digit: string,
  platforms: Readonly<Record<string, string>> | 'one' | 'none' | 'untold' = 'one',
): TagDigest {
  return {
    digest: digestNamed(digit),
    platforms:
      typeof platforms === 'string'
        ? platforms
        : new Map(Object.entries(platforms).map(([platform, own]) => [platform, digestNamed(own)])),
  }
}

/** `later`: known only to who asks; `never`: asked in vain. */
export type Held = TagDigest | 'gone' | 'later' | 'later gone' | 'never' | TagSourceError

export interface FakeDigests extends DigestCatalog {
  readonly asked: WantedDigest[]
  /** The tags that proved to be gone. */
  readonly gone: Set<string>
}

/** Digests by tag; a tag that is not named here is `later`, with a digest of its own. What was asked for is known then. */
export function digestsOf(held: Readonly<Record<string, Held>>, proven: readonly string[] = []): FakeDigests {
  const asked: WantedDigest[] = []
  const learnt = new Map<string, KnownDigest>()
  const gone = new Set<string>()
  const age = 5
  const absent = (tag: string): KnownDigest => {
    gone.add(tag)
    return { digest: undefined, age }
  }
  return {
    asked,
    gone,
    proven: () => proven,
    knownDigest({ tag }) {
      const known = held[tag]
      if (known === 'gone') return absent(tag)
      return known === undefined || typeof known === 'string' || known instanceof TagSourceError
        ? learnt.get(tag)
        : { digest: known, age }
    },
    async digest(wanted) {
      asked.push(wanted)
      const known = held[wanted.tag]
      if (known instanceof TagSourceError) throw known
      if (known === 'never') return new Promise(() => {})
      if (known === 'later gone') return absent(wanted.tag)
      const found = { digest: { digest: `sha256:of ${wanted.tag}`, platforms: 'one' as const }, age }
      learnt.set(wanted.tag, found)
      return found
    },
  }
}

export interface FakeCatalog extends TagCatalog {
  readonly wanted: WantedTags[]
}

/** A catalog of one repository, without the tags that proved to be gone. */
export function catalogOf(
  tags: readonly string[],
  { gone = new Set(), ...known }: Partial<KnownTags> & { gone?: ReadonlySet<string> } = {},
): FakeCatalog {
  const wanted: WantedTags[] = []
  let size = -1
  let held: KnownTags | undefined
  return {
    wanted,
    known(asked) {
      wanted.push(asked)
      const left = tags.filter(tag => !gone.has(tag))
      if (held === undefined || size !== left.length)
        held = { learned: learnTags(tagListOf(left)), age: 1000, stale: false, ...known }
      size = left.length
      return held
    },
    lookUp: async () => {
      throw new Error('memory has it')
    },
  }
}

/** Stands for a clock: what is not settled in this turn of the loop is too late. */
export const timeLimit: TimeLimit = {
  wait: async (promise, _milliseconds) =>
    Promise.race([promise, new Promise<undefined>(resolve => setImmediate(() => resolve(undefined)))]),
}
