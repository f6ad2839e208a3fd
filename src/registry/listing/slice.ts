import { createExpiringMap } from '../../async/index.ts'
import { isTag } from '../../image/index.ts'
import { tagAt } from '../../version/index.ts'
import { RegistryError } from '../response/registry-error.ts'
import type { Registry } from '../settings/registry.ts'
import type { Pages } from './pages.ts'
import { isAscending, isBeyond, lastTag } from './tag-order.ts'

const mostAnchors = 3

/**
 * Values of `last` with which the answer begins before the slice: texts below it, the nearest first.
 *
 * The greatest text below (`1.24zzz…` for `1.25`) would give the slice and nothing else, and is of no use: registries differ
 * in what they do with a `last` that they do not have. Some go on behind where it would be, as the specification has it, some
 * leave one tag out, some answer an error or nothing at all; and an answer that begins with the slice does not tell which. One
 * that begins with tags *before* the slice, in ascending order and behind `last`, holds the slice whole in every case. So the
 * line before is asked for too: a few dozen tags, on the same page. `known` is such a tag of the last listing.
 */
export function anchorsBefore(slice: string, known: string | undefined): readonly string[] {
  const anchors = known !== undefined && known < slice && isTag(known) ? [known] : []
  for (let text = slice; text !== '' && anchors.length < mostAnchors;) {
    const digit = Number(/[1-9]$/.exec(text)?.[0] ?? 0)
    if (digit > 0) anchors.push(`${text.slice(0, -1)}${digit - 1}`)
    text = text.slice(0, -1).replace(/[._-]+$/, '')
    if (text !== '') anchors.push(text)
  }
  return anchors.slice(0, mostAnchors)
}

/** Whether a text can be the start of tags. */
export function isSlice(text: string | undefined): text is string {
  return text !== undefined && isTag(text)
}

/**
 * `complete`: every tag of the slice was read. `uncertain`: nothing came before the slice, so its beginning may be missing.
 * `ignored`: the registry does not honour `last`.
 */
export type SliceOutcome = 'complete' | 'uncertain' | 'ignored'

interface WantedSlice {
  readonly slice: string
  /** The values of `last` to try, in order. */
  readonly anchors: readonly string[]
}

/**
 * Adds the pages of a slice to those read before; a failed attempt adds nothing.
 * @throws RegistryError if the registry does not answer.
 */
export async function readSlice(
  pages: Pages,
  { slice, anchors }: WantedSlice,
  signal: AbortSignal,
): Promise<SliceOutcome> {
  const before = pages.tags.soFar().length
  for (const after of anchors) {
    const outcome = await readBehind(pages, { slice, after }, signal).catch(meaningOf)
    if (outcome === 'complete') return outcome
    pages.tags.cut(before)
    if (outcome === 'ignored') return outcome
  }
  return 'uncertain'
}

async function readBehind(
  pages: Pages,
  { slice, after }: { readonly slice: string; readonly after: string },
  signal: AbortSignal,
): Promise<SliceOutcome> {
  const start = pages.tags.soFar().length
  const reader = pages.from(after)
  for (let checked = start; reader.more(); checked = pages.tags.soFar().length) {
    await reader.read(signal)
    const list = pages.tags.soFar()
    if (list.length === start) continue
    const first = tagAt(list, start)
    if (first <= after || !isAscending(list, Math.max(checked, start + 1))) return 'ignored'
    if (first >= slice) return 'uncertain'
    if (isBeyond(lastTag(list) ?? '', slice)) return 'complete'
  }
  return pages.tags.soFar().length === start ? 'uncertain' : 'complete'
}

// ECR's `last` is an opaque code, and other registries answer 400 for an unknown tag. A missing repository is reported by the
// walk.
function meaningOf(error: unknown): SliceOutcome {
  if (error instanceof RegistryError && error.code === 'invalid-answer') return 'ignored'
  if (error instanceof RegistryError && error.code === 'not-found') return 'uncertain'
  throw error
}

/** A slice of a repository. */
export interface SlicePlace {
  readonly registry: Registry
  readonly repository: string
  readonly slice: string
}

/** A cache of facts about slices: which registries do not honour `last`, and the tag before each slice. */
export interface SliceCache {
  refuses(registry: Registry): boolean
  refuse(registry: Registry): void
  /** `after` is a tag shortly before the slice, undefined where asking for it is in vain; undefined where nothing is known. */
  known(place: SlicePlace): { readonly after: string | undefined } | undefined
  keep(place: SlicePlace, after: string | undefined): void
}

// A registry is upgraded now and then, and a repository gets tags before the slice. The question costs a request or three.
const keptFor = 6 * 3_600_000
// A few hundred bytes for each; a cluster of 5,000 repositories runs one line or two of each.
const mostPlaces = 10_000

/** Creates an empty cache; `now` in epoch milliseconds. */
export function createSliceCache(now: () => number): SliceCache {
  const refusing = createExpiringMap<true>({ max: mostPlaces, now })
  const places = createExpiringMap<{ readonly after: string | undefined }>({ max: mostPlaces, now })
  return {
    refuses: ({ name }) => refusing.get(name) === true,
    refuse: ({ name }) => refusing.set(name, true, now() + keptFor),
    known: place => places.get(keyOf(place)),
    keep: (place, after) => places.set(keyOf(place), { after }, now() + keptFor),
  }
}

function keyOf({ registry, repository, slice }: SlicePlace): string {
  return `${registry.name} ${repository} ${slice}`
}
