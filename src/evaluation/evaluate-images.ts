import { InvalidReferenceError, parseReference, type Reference } from '../image/index.ts'
import {
  choose as chooseAnew,
  chooseWithoutTags,
  digestOnly,
  type Choice,
  type Strategy,
} from '../version/index.ts'
import type { Evaluation } from './evaluation.ts'
import { TagSourceError, type KnownTags, type Patience, type TagCatalog } from './ports.ts'
import type { Choose } from './remember-choices.ts'

export interface EvaluationRequest {
  /** Image texts as they stand in the object; the answer has one evaluation for each distinct text. */
  readonly images: readonly string[]
  readonly strategy: Strategy
  /** How long the first look-ups of all of them together may take, in milliseconds. */
  readonly budget: number
}

export interface EvaluationPorts {
  readonly catalog: TagCatalog
  readonly patience: Patience
  /** For who judges the same tags again and again; `choose` itself where missing. */
  readonly choose?: Choose
}

/** Evaluations by image text. */
export type Evaluations = ReadonlyMap<string, Evaluation>

/** A pod spec has a handful of images; beyond this somebody tries how much work a review can be made to cost. */
const mostImages = 100

/**
 * One evaluation for each distinct image text, by that text. Never rejects for an image: what cannot be judged is
 * `unknown` with its reason. At once where memory knows enough of all of them, else a promise: a promise on the usual way
 * would cost each review more than its choice does.
 */
export function evaluateImages(
  request: EvaluationRequest,
  ports: EvaluationPorts,
): Evaluations | Promise<Evaluations> {
  const images = [...new Set(request.images)]
  const evaluations = new Map<string, Evaluation>()
  const waiting: Promise<void>[] = []
  for (const [at, image] of images.entries()) {
    const evaluation = at < mostImages ? evaluateImage(image, request, ports) : tooMany(image)
    evaluations.set(image, evaluation instanceof Promise ? notCheckedYet(image) : evaluation)
    if (evaluation instanceof Promise)
      waiting.push(evaluation.then(settled => void evaluations.set(image, settled)))
  }
  return waiting.length === 0 ? evaluations : Promise.all(waiting).then(() => evaluations)
}

// Answered at once wherever memory knows enough: a promise is made only for a first look-up.
function evaluateImage(
  image: string,
  request: EvaluationRequest,
  ports: EvaluationPorts,
): Evaluation | Promise<Evaluation> {
  const reference = referenceOf(image)
  if (reference instanceof InvalidReferenceError)
    return { ...unknown(image), reason: reference.code, detail: reference.message }
  const settled = choiceWithoutTags(reference)
  if (settled !== undefined) return { ...judged(image, reference, settled), age: undefined, stale: false }
  const known = ports.catalog.known(reference)
  if (known === undefined) return lookedUp(image, reference, { ...request, ...ports })
  return evaluationOf(image, reference, { known, strategy: request.strategy, choose: ports.choose })
}

async function lookedUp(
  image: string,
  reference: Reference,
  { strategy, budget, catalog, patience, choose }: EvaluationRequest & EvaluationPorts,
): Promise<Evaluation> {
  try {
    const known = await patience.wait(catalog.lookUp(reference), budget)
    return known === undefined
      ? notCheckedYet(image, reference)
      : evaluationOf(image, reference, { known, strategy, choose })
  } catch (error) {
    if (!(error instanceof TagSourceError)) throw error
    return { ...unknown(image, reference), reason: error.code, detail: error.message }
  }
}

interface AtHand {
  readonly known: KnownTags
  readonly strategy: Strategy
  readonly choose: Choose | undefined
}

// The verdict of one reference against tags that are at hand.
function evaluationOf(image: string, reference: Reference, { known, strategy, choose }: AtHand): Evaluation {
  const choice = (choose ?? chooseAnew)(reference.tag, known.index, strategy)
  return { ...judged(image, reference, choice), age: known.age, stale: known.stale }
}

function choiceWithoutTags({ tag, digest }: Reference): Choice | undefined {
  return tag === undefined && digest !== undefined ? digestOnly : chooseWithoutTags(tag)
}

type Judged = Omit<Evaluation, 'age' | 'stale'>

function judged(image: string, reference: Reference, choice: Choice): Judged {
  const { verdict, reason, newest, elsewhere, line, behind } = choice
  return { image, reference, verdict, reason, detail: undefined, newest, elsewhere, line, behind }
}

function unknown(image: string, reference?: Reference): Omit<Evaluation, 'reason' | 'detail'> {
  const nothing = {
    newest: undefined,
    elsewhere: undefined,
    line: undefined,
    behind: 0,
    age: undefined,
    stale: false,
  }
  return { image, reference, verdict: 'unknown', ...nothing }
}

function notCheckedYet(image: string, reference?: Reference): Evaluation {
  const detail = 'a first look-up of its tags goes on in the background'
  return { ...unknown(image, reference), reason: 'not-checked-yet', detail }
}

function tooMany(image: string): Evaluation {
  const detail = `only the first ${mostImages} images of one object are judged`
  return { ...unknown(image), reason: 'too-many-images', detail }
}

function referenceOf(image: string): Reference | InvalidReferenceError {
  try {
    return parseReference(image)
  } catch (error) {
    if (error instanceof InvalidReferenceError) return error
    throw error
  }
}
