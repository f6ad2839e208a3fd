import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readReview, type AdmissionRequest, type Endpoint, type Reviewer } from '../admission/index.ts'
import { decodeBody } from './decode-body.ts'
import { lookupBudget } from './lookup-budget.ts'
import type { Log, Recorder } from './ports.ts'
import { readBody } from './read-body.ts'
import { reviewAnswer, uncheckedAnswer } from './review-answer.ts'
import { largestBody, type WebhookLimits } from './webhook-limits.ts'

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
  const { recorder, limits, farewell } = options
  let inFlight = 0
  let heldBytes = 0
  const body = async (raw: IncomingMessage): Promise<unknown> => {
    let own = 0
    const take = (bytes: number): boolean => {
      if (heldBytes + bytes > limits.bodyBytes) return false
      heldBytes += bytes
      own += bytes
      return true
    }
    try {
      return decodeBody(await readBody(raw, { bytes: largestBody, timeout: limits.bodyTimeout, take }))
    } finally {
      heldBytes -= own
    }
  }
  return {
    async answer(endpoint, { raw, query }, reply) {
      if (inFlight >= limits.reviewsInFlight) {
        recorder.failed(endpoint, 'shed')
        farewell(reply)
        // client-go repeats a request for which the answer has a Retry-After of whole seconds (rest/with_retry.go).
        reply.code(503).header('retry-after', '1').type('text/plain')
        return 'too many reviews at once\n'
      }
      // Counted from its first byte: what is still being sent holds memory too.
      inFlight++
      try {
        const request = readReview(await body(raw))
        const budget = lookupBudget(query.timeout, limits.lookupBudget)
        const text = await review({ endpoint, request, budget }, options)
        reply.header('content-type', 'application/json')
        farewell(reply)
        return text
      } finally {
        inFlight--
      }
    },
  }
}

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
