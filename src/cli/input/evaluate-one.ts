import { evaluateImages, type Evaluation, type EvaluationRequest } from '../../evaluation/index.ts'
import type { Reference } from '../../image/index.ts'
import type { OfferRule } from '../../version/index.ts'
import { supportFacts, type SupportFacts } from '../print/support.ts'
import type { CheckSource } from './tag-source.ts'

/** What may be offered to an image. */
export type Offers = Pick<EvaluationRequest, 'strategy' | 'rule' | 'minimumAge'>

// A person waits for this; a walk over a very large repository may take so long.
const longestWalk = 60_000

/** The evaluation of one image by the tags of a source, which are waited for. */
export async function evaluateOne(image: string, offers: Offers, source: CheckSource): Promise<Evaluation> {
  const { access } = source
  const request = { images: [image], ...offers, budget: longestWalk, ...(access !== undefined && { access }) }
  const timeLimit = { wait: async <T>(promise: Promise<T>): Promise<T> => promise }
  const evaluation = (await evaluateImages(request, { ...source, timeLimit, wallClock: Date.now })).get(image)
  if (evaluation === undefined) throw new Error(`no evaluation of ${image}`)
  return evaluation
}

/** What is asked of the tables of support dates. */
interface SupportOptions {
  readonly source: Pick<CheckSource, 'schemes' | 'supportTables' | 'channelRules'>
  readonly rule: OfferRule | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** What the tables of support dates say of an image; undefined where it has no tag. */
export function supportOf(
  reference: Reference | undefined,
  { source, rule, now }: SupportOptions,
): SupportFacts | undefined {
  if (reference?.tag === undefined) return undefined
  const { schemes, supportTables: tables, channelRules } = source
  const { tag } = reference
  return supportFacts({
    repository: reference,
    tag,
    reading: schemes(reference),
    tables,
    channelRules,
    rule,
    now,
  })
}
