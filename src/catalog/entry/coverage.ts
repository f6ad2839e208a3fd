/** A part of a repository of which every tag is held: those that begin with `prefix`; '' is all of them. */
export interface Covered {
  readonly prefix: string
  /** When the look-up began that it comes from. */
  readonly fetchedAt: number
  readonly refreshAt: number
  /** Of the listing that it comes from: the same again needs no work. '' where that was none of this process. */
  readonly seal: string
}

/** Beyond this many parts the whole is asked for: that costs less than they do. */
export const mostParts = 16

/** What is held of all tags that begin with `slice` (undefined: of all there are), as of its last look-up. */
export function covering(parts: readonly Covered[], slice: string | undefined): Covered | undefined {
  let newest: Covered | undefined
  for (const part of parts) {
    if (!(slice ?? '').startsWith(part.prefix)) continue
    if (newest === undefined || part.fetchedAt > newest.fetchedAt) newest = part
  }
  return newest
}

/** The parts after another look-up; what it includes is not kept apart any more. */
export function withPart(parts: readonly Covered[], part: Covered): readonly Covered[] {
  const others = parts.filter(({ prefix }) => !prefix.startsWith(part.prefix))
  const oldest = others.length > mostParts ? others.find(({ prefix }) => prefix !== '') : undefined
  return [...others.filter(other => other !== oldest), part]
}

/** Whether a tag was among those that were listed before. */
export function isCovered(parts: readonly Covered[], tag: string): boolean {
  return parts.some(({ prefix }) => tag.startsWith(prefix))
}
