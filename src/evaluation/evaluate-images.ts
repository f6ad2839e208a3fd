import { InvalidReferenceError, parseReference, type Reference } from '../image/index.ts'
import {
  builtInReading,
  chooseWithoutTags,
  digestOnly,
  type Choice,
  type TagReading,
} from '../version/index.ts'
import { judgeReference } from './evaluate-reference.ts'
import { type Evaluation, judgedWithoutTags, notCheckedYet, unknown } from './evaluation.ts'
import { lookUpMissing } from './look-up-missing.ts'
import { mostImages, type EvaluationPorts, type EvaluationRequest } from './ports.ts'
import type { Missing } from './round.ts'

/** Evaluations by image text. */
export type Evaluations = ReadonlyMap<string, Evaluation>

/** The images of a request as memory alone can judge them. */
export interface JudgedImages {
  /** One evaluation for each distinct image text; `not-checked-yet` for those of which something is missing. */
  readonly evaluations: Evaluations
  /** What memory lacks, for one image each: `lookUpAll` waits for it. */
  readonly missing: readonly Missing[]
}

/** One evaluation for each distinct image text, by what memory knows. Each that cannot be judged is `unknown` with its reason. */
export function judgeImages(request: EvaluationRequest, ports: EvaluationPorts): JudgedImages {
  const images = [...new Set(request.images)]
  const evaluations = new Map<string, Evaluation>()
  const missing: Missing[] = []
  const { most = mostImages } = request
  for (const [at, image] of images.entries()) {
    const outcome = at < most ? judgeImage(image, request, ports) : tooMany(image)
    if ('missing' in outcome) missing.push(outcome)
    evaluations.set(image, 'missing' in outcome ? notCheckedYet(image) : outcome)
  }
  return { evaluations, missing }
}

/** The same once what is missing has been looked up, within the budget of the request. */
export async function lookUpAll({ evaluations, missing }: JudgedImages): Promise<Evaluations> {
  const all = new Map(evaluations)
  const settle = async (lacking: Missing): Promise<void> => {
    const evaluation = await lookUpMissing(lacking)
    all.set(evaluation.image, evaluation)
  }
  await Promise.all(missing.map(settle))
  return all
}

/** One evaluation for each distinct image text, by that text. Never rejects for an image. */
export function evaluateImages(request: EvaluationRequest, ports: EvaluationPorts): Promise<Evaluations> {
  return lookUpAll(judgeImages(request, ports))
}

function judgeImage(image: string, request: EvaluationRequest, ports: EvaluationPorts): Evaluation | Missing {
  const reference = referenceOf(image)
  if (reference instanceof InvalidReferenceError) return unknown(image, undefined, because(reference))
  const reading = ports.schemes?.(reference) ?? builtInReading
  const settled = choiceWithoutTags(reference, reading)
  if (settled !== undefined) return judgedWithoutTags(image, reference, settled)
  return judgeReference({ image, reference, reading, request: boundTo(reference, request, ports), ports })
}

// What a release channel leaves out depends on the product and the day.
function boundTo(
  reference: Reference,
  request: EvaluationRequest,
  { channelRules, wallClock }: EvaluationPorts,
): EvaluationRequest {
  const { rule } = request
  if (rule?.channel === undefined) return request
  if (channelRules === undefined || wallClock === undefined)
    throw new TypeError('a release channel needs support dates and a wall clock')
  return { ...request, rule: channelRules.ruleFor(rule, reference, wallClock()) }
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
