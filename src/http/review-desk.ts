import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readReview, type AdmissionRequest, type Endpoint, type Reviewer } from '../admission/index.ts'
import { decodeBody, type DecodedBody } from './decode-body.ts'
import { createIntake, freeBytes, type IntakePlace } from './intake.ts'
import { lookupBudget } from './lookup-budget.ts'
import type { Log, Recorder } from './ports.ts'
import { closeUnread, createBodyReader, type BodyReader, type ReceivedBody } from './read-body.ts'
import { reviewAnswer, uncheckedAnswer } from './review-answer.ts'
import type { WebhookLimits } from './webhook-limits.ts'

export interface ReviewDeskOptions {
  readonly reviewer: Reviewer
  readonly recorder: Recorder
  readonly log: Log
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
  readonly limits: WebhookLimits
  /** Asks for the connection to be closed, if it is time to. */
  readonly farewell: (reply: FastifyReply) => void
}

/** The API server appends its deadline to the URL: `?timeout=10s`. */
export interface ReviewRoute {
  Querystring: { readonly timeout?: unknown }
}

/** Takes reviews, as many at once as the limits say, and has an answer for each of them. */
export interface ReviewDesk {
  /**
   * The answer, as text. A reviewer that fails means: allowed, with a warning.
   * @throws UnreadableBodyError, UndecodableBodyError, InvalidReviewError where there is no review with a uid to answer.
   */
  answer(endpoint: Endpoint, request: FastifyRequest<ReviewRoute>, reply: FastifyReply): Promise<string>
}

export function createReviewDesk(options: ReviewDeskOptions): ReviewDesk {
  const { recorder, limits, farewell, now } = options
  const intake = createIntake(
    { requests: limits.reviewsInFlight, bytes: limits.bodyBytes, patience: limits.bodyPatience },
    now,
  )
  const decode = createDecoder()
  return {
    async answer(endpoint, { raw, query }, reply) {
      const body = createBodyReader(raw, { bytes: limits.largestBody, timeout: limits.bodyTimeout })
      const place = intake.enter(body.giveWay)
      if (place === undefined) {
        recorder.failed(endpoint, 'shed')
        farewell(reply)
        // client-go repeats a request for which the answer has a Retry-After of whole seconds (rest/with_retry.go).
        reply.code(503).header('retry-after', '1').type('text/plain')
        return 'too many reviews at once\n'
      }
      try {
        const request = await receive(body, place, decode)
        // Who waits for registries takes a place: with half of them taken, memory alone has to do.
        const isBusy = intake.size() > limits.reviewsInFlight / 2
        const budget = isBusy ? 0 : lookupBudget(query.timeout, limits.lookupBudget)
        const text = await review({ endpoint, request, budget }, options)
        reply.header('content-type', 'application/json')
        farewell(reply)
        return text
      } finally {
        closeUnread(raw, reply.raw)
        place.release()
        place.leave()
      }
    },
  }
}

async function receive(reader: BodyReader, place: IntakePlace, decode: Decode): Promise<AdmissionRequest> {
  const body = await reader.read(bytes => place.take(bytes))
  place.received()
  try {
    const { value, isWhole } = await decode(body)
    return readReview(value, isWhole)
  } finally {
    body.buffer.free()
    place.release()
  }
}

type Decode = (body: ReceivedBody) => DecodedBody | Promise<DecodedBody>

/** Decodes small bodies at once, large ones one after the other, each in a turn of its own: others go in between. */
function createDecoder(): Decode {
  let before: Promise<unknown> = Promise.resolve()
  return ({ buffer, isWhole }) => {
    const decodeNow = () => buffer.readOnce(bytes => decodeBody(bytes, isWhole))
    if (buffer.length() <= freeBytes) return decodeNow()
    const decoded = before.then(() => turn()).then(decodeNow)
    // What it gave is not held until the next one comes.
    before = decoded.then(nothing, nothing)
    return decoded
  }
}

function nothing(): void {}

async function review(
  asked: { readonly endpoint: Endpoint; readonly request: AdmissionRequest; readonly budget: number },
  { reviewer, recorder, log, now }: ReviewDeskOptions,
): Promise<string> {
  const { endpoint, request, budget } = asked
  const startedAt = now()
  try {
    const reviewed = reviewer[endpoint](request, budget)
    // Awaiting what is already there would cost it a turn of the queue.
    const { response, event } = reviewed instanceof Promise ? await reviewed : reviewed
    recorder.reviewed(event, (now() - startedAt) / 1000)
    return reviewAnswer(response)
  } catch (error) {
    // Whatever it is: an answer with an error would leave the decision to the failurePolicy, and the person uninformed.
    log.error({ err: error, endpoint, uid: request.uid }, 'review failed, allowed unchecked')
    recorder.failed(endpoint, 'error')
    return uncheckedAnswer(request.uid)
  }
}
