import { tagAt } from '../../version/index.ts'
import { RegistryFault } from '../response/fault.ts'
import type { Pages } from './pages.ts'
import { isAscending, isBeyond, lastTag } from './tag-order.ts'

/**
 * `complete`: every tag of the slice was read. `uncertain`: nothing came before the slice, so its beginning may be missing.
 * `ignored`: the registry does not honour `last`.
 */
export type SliceOutcome = 'complete' | 'uncertain' | 'ignored'

interface Wanted {
  readonly slice: string
  /** What is tried as `last`, one after another. */
  readonly anchors: readonly string[]
}

/**
 * Adds the pages of a slice to those that were read; nothing of a try that did not succeed.
 * @throws RegistryFault where the registry cannot be asked at all.
 */
export async function readSlice(
  pages: Pages,
  { slice, anchors }: Wanted,
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

// ECR's `last` is a code of its own, and others say 400 to a tag that they do not have. A repository that is not there is for
// the walk to tell.
function meaningOf(error: unknown): SliceOutcome {
  if (error instanceof RegistryFault && error.code === 'invalid-answer') return 'ignored'
  if (error instanceof RegistryFault && error.code === 'not-found') return 'uncertain'
  throw error
}
