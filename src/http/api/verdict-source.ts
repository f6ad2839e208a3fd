import type { Evaluation } from '../../evaluation/index.ts'
import type { Strategy } from '../../version/index.ts'

/** What is asked of a verdict source. */
export interface VerdictRequest {
  readonly images: readonly string[]
  readonly strategy: Strategy
  /** How long first look-ups may delay the answer, in milliseconds. */
  readonly budget: number
}

/** The source of verdicts: the same evaluation as for reviews and the audit. */
export interface VerdictSource {
  /** One evaluation for each distinct image text, by that text. Never rejects for an image. */
  evaluate(request: VerdictRequest): Promise<ReadonlyMap<string, Evaluation>>
}
