import {
  InvalidReviewError,
  readReview,
  type AdmissionRequest,
  type Reviewer,
} from '../../../src/admission/index.ts'
import type { AdmissionResponse } from '../../../src/api/index.ts'
import { decodeBody, UndecodableBodyError, type DecodedBody } from '../../../src/http/webhook/decode-body.ts'
import { at, isJsonObject, member, textOf } from '../../../src/json/index.ts'
import { patched } from '../../admission/json-patch.ts'
import { seeded, type Random } from '../random/seeded.ts'
import { brokenBody } from './mutate-review.ts'
import { randomReview } from './random-reviews.ts'
import { reviewersToPick } from './random-reviewers.ts'

/** What to fuzz: the cases of a seed from `first` on, until there were `count`, or the time is over. */
export interface Fuzzing {
  readonly seed: number
  readonly first?: number
  readonly count?: number
  readonly milliseconds?: number
}

/** What came of it. */
export interface Fuzzed {
  readonly cases: number
  /** Bodies that were answered by a review; the others are no review with a uid. */
  readonly answered: number
  /** In milliseconds, from the bytes to both answers. */
  readonly slowest: number
  /** The first faults, each with the case that shows it. */
  readonly faults: readonly string[]
}

const enoughFaults = 10

/** Broken bodies through all of the review, from the bytes to the text of the answer, by both endpoints. */
export async function fuzz({
  seed,
  first = 0,
  count = Infinity,
  milliseconds = Infinity,
}: Fuzzing): Promise<Fuzzed> {
  const end = performance.now() + milliseconds
  const pickReviewer = reviewersToPick()
  const faults: string[] = []
  let [cases, answered, slowest] = [0, 0, 0]
  while (cases < count && performance.now() < end && faults.length < enoughFaults) {
    const number = first + cases++
    const random = seeded(seed, number)
    const body = bodyOf(random)
    const start = performance.now()
    // oxlint-disable-next-line eslint/no-await-in-loop -- one by one: a fault belongs to its case
    const outcome = await tryBody(body, pickReviewer(random))
    slowest = Math.max(slowest, performance.now() - start)
    if (outcome.isAnswered) answered++
    faults.push(...outcome.faults.map(fault => `case ${number} of seed ${seed}: ${fault}`))
  }
  return { cases, answered, slowest, faults: [...faults, ...pollution()] }
}

/** The body of a case. */
export function bodyOf(random: Random): Buffer {
  return brokenBody(randomReview(random), random)
}

interface Outcome {
  readonly isAnswered: boolean
  readonly faults: readonly string[]
}

async function tryBody(body: Buffer, reviewer: Reviewer): Promise<Outcome> {
  try {
    const request = requestIn(body)
    const uid = answerableUid(body)
    if (request === undefined)
      return {
        isAnswered: false,
        faults: uid === undefined ? [] : [`no answer to the uid ${JSON.stringify(uid)}`],
      }
    const faults = [
      ...(uid === undefined || uid === request.uid ? [] : [`another uid than ${JSON.stringify(uid)}`]),
      ...answerFaults('validate', request, (await reviewer.validate(request, 800)).response),
      ...answerFaults('mutate', request, (await reviewer.mutate(request, 800)).response),
    ]
    return { isAnswered: true, faults }
  } catch (error) {
    return {
      isAnswered: false,
      faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }
  }
}

/** The request of a body; undefined where it is none, as far as the errors say so that may say it. */
function requestIn(body: Buffer): AdmissionRequest | undefined {
  try {
    const { value, isWhole }: DecodedBody = decodeBody(body, true)
    return readReview(value, isWhole)
  } catch (error) {
    if (error instanceof UndecodableBodyError || error instanceof InvalidReviewError) return undefined
    throw error
  }
}

/** The uid that must be in the answer, by another reading of the same bytes; undefined where there is none. */
export function answerableUid(body: Buffer): string | undefined {
  try {
    const review: unknown = JSON.parse(body.toString('utf8'))
    const [version, kind, uid] = [['apiVersion'], ['kind'], ['request', 'uid']].map(path =>
      textOf(at(review, path)),
    )
    const isReview = version === 'admission.k8s.io/v1' && kind === 'AdmissionReview'
    return isReview && uid !== '' ? uid : undefined
  } catch {
    return undefined // no JSON, or nested too deeply for JSON.parse
  }
}

const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/u

// The API server writes it behind the name of the webhook, as a qualified name (k8s.io/apimachinery util/validation).
const auditKey = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

function answerFaults(
  endpoint: keyof Reviewer,
  request: AdmissionRequest,
  response: AdmissionResponse,
): readonly string[] {
  const { uid, warnings = [], status, auditAnnotations = {}, patch, patchType, allowed } = response
  const told = [...warnings, status?.message ?? '', ...Object.values(auditAnnotations)]
  const isForMutate = endpoint === 'mutate'
  const rows: readonly (readonly [isRight: boolean, fault: string])[] = [
    [uid === request.uid, `answers ${JSON.stringify(uid)}`],
    [
      JSON.stringify(JSON.parse(JSON.stringify(response))) === JSON.stringify(response),
      'the answer is no JSON',
    ],
    [warnings.every(text => text.length <= 120), 'a warning of more than 120 characters'],
    [warnings.length <= 11, `${warnings.length} warnings`],
    [
      told.every(text => text.isWellFormed() && !unprintable.test(text)),
      `unprintable text: ${JSON.stringify(told)}`,
    ],
    [
      Object.keys(auditAnnotations).every(key => auditKey.test(key)),
      'a key that the audit log does not take',
    ],
    [allowed === (status === undefined), 'refused without a status, or allowed with one'],
    [allowed || !isForMutate, 'refused by mutate'],
    [(patch === undefined) === (patchType === undefined), 'patch and patchType are not together'],
    [patch === undefined || isForMutate, 'a patch by validate'],
  ]
  const wrong = rows.flatMap(([isRight, fault]) => (isRight ? [] : [`${endpoint}: ${fault}`]))
  if (patch !== undefined) patched(withKeysAlone(request.object), patch) // throws where it does not apply
  return wrong
}

/** An object with the keys that decide whether a patch applies: the rest may be nested more deeply than a copy can be. */
function withKeysAlone(object: unknown): unknown {
  const metadata = member(object, 'metadata')
  const annotations = member(metadata, 'annotations')
  if (!isJsonObject(metadata)) return {}
  if (!isJsonObject(annotations))
    return { metadata: { ...(annotations !== undefined && { annotations: null }) } }
  return { metadata: { annotations: Object.fromEntries(Object.keys(annotations).map(key => [key, ''])) } }
}

/** What keys of JavaScript in a body have left behind in every object. */
function pollution(): readonly string[] {
  const found: string[] = []
  for (const key in {}) found.push(`every object has the key ${key} now`)
  return found
}
