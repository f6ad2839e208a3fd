import { scopeDepth } from './offer.ts'
import { isDigit } from './read-tag.ts'
import type { Strategy } from './strategy.ts'
import { builtInReading, type TagReading } from './tag-reading.ts'

/**
 * How all tags begin that `choose` may name as the newest for a tag, or that it counts: `1.25` for `1.25.1-alpine` where
 * patches are wanted. For registries that can be asked for tags from a place on. Undefined where any tag may matter: every
 * version will do, the tag has none, writes its numbers with leading zeros, or is read by a scheme.
 *
 * Two things may lie outside: a tag of another shape (`elsewhere`), and one that writes the same line with zeros where
 * this one has none (`1.025.2`).
 */
export function sliceOf(
  tag: string,
  strategy: Strategy,
  reading: TagReading = builtInReading,
): string | undefined {
  const depth = scopeDepth[strategy]
  const version = reading === builtInReading && depth > 0 ? reading.read(tag) : 'no-version'
  if (typeof version === 'string') return undefined
  const { prefix, x, y, z, count } = version
  const held = Math.min(depth, count)
  const start = prefix + [x, y, z].slice(0, held).join('.')
  if (!tag.startsWith(start) || isDigit(tag.charCodeAt(start.length))) return undefined
  // A tag with fewer numbers is never offered, so of one number the dot is certain, and keeps `10.` out of `1.`.
  return held === 1 && count > 1 ? `${start}.` : start
}
