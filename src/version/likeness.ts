import { compareNaturally } from './natural.ts'
import { compareVariants, type Shape } from './shapes.ts'

/** A tag in which a line may go on. */
export interface Candidate {
  readonly tag: string
  /** The number of its shape. */
  readonly id: number
  readonly shape: Shape
}

/**
 * Which of two tags of one version is more like a shape: the same prefix first, then the same variant, then the plain tag;
 * of variants that differ in numbers the highest (`-alpine3.19` over `-alpine3.18`); at last by code units, so that the
 * order of the list decides nothing.
 */
export function compareLikeness(a: Candidate, b: Candidate, { prefix, variant }: Shape): number {
  return (
    before(a.shape.prefix === prefix, b.shape.prefix === prefix) ||
    before(a.shape.variant === variant, b.shape.variant === variant) ||
    compareVariants(a.shape.variant, b.shape.variant) ||
    compareNaturally(a.tag, b.tag)
  )
}

function before(a: boolean, b: boolean): number {
  return a === b ? 0 : a ? -1 : 1
}
