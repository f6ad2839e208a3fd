import { InvalidReferenceError, parseReference, type Reference } from '../image/index.ts'
import {
  builtInReading,
  chooseWithoutTags,
  digestOnly,
  type Choice,
  type TagReading,
} from '../version/index.ts'
import { evaluateReference } from './evaluate-reference.ts'
import type { Evaluation } from './evaluation.ts'
import { judgedWithoutTags, notCheckedYet, unknown } from './judged.ts'
import type { EvaluationPorts, EvaluationRequest } from './request.ts'

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
  if (reference instanceof InvalidReferenceError) return unknown(image, undefined, because(reference))
  const reading = ports.schemes?.(reference) ?? builtInReading
  const settled = choiceWithoutTags(reference, reading)
  if (settled !== undefined) return judgedWithoutTags(image, reference, settled)
  return evaluateReference({ image, reference, reading, request, ports })
}

function choiceWithoutTags({ tag, digest }: Reference, reading: TagReading): Choice | undefined {
  return tag === undefined && digest !== undefined ? digestOnly : chooseWithoutTags(tag, reading)
}

function because({ code, message }: InvalidReferenceError): Pick<Evaluation, 'reason' | 'detail'> {
  return { reason: code, detail: message }
}

function tooMany(image: string): Evaluation {
  const detail = `only the first ${mostImages} images of one object are judged`
  return unknown(image, undefined, { reason: 'too-many-images', detail })
}

function referenceOf(image: string): Reference | InvalidReferenceError {
  try {
    return parseReference(image)
  } catch (error) {
    if (error instanceof InvalidReferenceError) return error
    throw error
  }
}
