import { evaluateImages, type Evaluation, type EvaluationRequest } from '../../evaluation/index.ts'
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
