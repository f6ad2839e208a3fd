import type { OfferRule } from '../../version/index.ts'
// Placeholder: replaced by the merge of the offer rules.
export function compileOfferRule(_: {
  readonly range?: string
  readonly never?: readonly string[]
  readonly preReleases?: 'follow' | 'leave'
}):
  | OfferRule
  | undefined
  | { readonly problems: readonly { readonly path: string; readonly message: string }[] } {
  return undefined
}
