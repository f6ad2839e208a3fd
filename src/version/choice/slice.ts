import { readFields, type Fields } from '../tag/fields.ts'
import { isDigit } from '../tag/legal.ts'
import { scopeDepth } from './scope.ts'
import type { Strategy } from './strategy.ts'
import { builtInReading, type TagReading } from '../reading/tag-reading.ts'

/**
 * How all tags begin that `choose` may name as the newest for a tag, or that it counts: `1.25` for `1.25.1-alpine` where
 * patches are wanted. For registries that can be asked for tags from a place on. Undefined where any tag may matter: every
 * version will do, the tag has fewer than three numbers (what the second one counts, the whole list tells), writes its
 * numbers with leading zeros, or is read by a scheme.
 *
 * Two things may lie outside: a tag that is not comparable (`elsewhere`), or is written in another way (`v1.25.2`).
 */
export function sliceOf(
  tag: string,
  strategy: Strategy,
  reading: TagReading = builtInReading,
): string | undefined {
  const depth = scopeDepth[strategy]
  const fields = reading === builtInReading && depth > 0 ? readFields(tag) : 'no-version'
  if (typeof fields === 'string' || !isWhole(fields)) return undefined
  // A tag with fewer numbers is never offered, so of one number the dot is certain, and keeps `10.` out of `1.`.
  const start = fields.prefix + fields.core.slice(0, depth).join('.') + (depth === 1 ? '.' : '')
  return tag.startsWith(start) && (depth === 1 || !isDigit(tag.charCodeAt(start.length))) ? start : undefined
}

function isWhole({ kind, core }: Fields): boolean {
  return kind === 'version' && core.length >= wholeVersion
}

const wholeVersion = 3
