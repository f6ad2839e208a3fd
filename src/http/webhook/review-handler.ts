import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  readReview,
  type AdmissionRequest,
  type Endpoint,
  type ReviewEvent,
  type Reviewer,
} from '../../admission/index.ts'
import type { AdmissionResponse, AdmissionReview } from '../../api/index.ts'
import type { Log } from '../server/server.ts'
import { createBodyDecoder, type BodyDecoder } from './decode-body.ts'
import { createInFlightRequests, type InFlightRequest } from './in-flight-requests.ts'
import { lookupBudget, type WebhookLimits } from './limits.ts'
import { closeUnread, createBodyReader, noRoom, type BodyReader } from './request-body.ts'

/** The reason for a request without a review: a fault of the server, a body that cannot be decoded, or too many requests. */
export type ReviewFailure = 'error' | 'undecodable' | 'shed'

/** Counts reviews. */
export interface Recorder {
  /** Counts a review that was answered; `seconds` from the decoded body to the response. */
  reviewed(event: ReviewEvent, seconds: number): void
  /** Counts a request that was answered with an error or, for `error`, allowed without a check. */
  failed(endpoint: Endpoint, failure: ReviewFailure): void
}

export interface ReviewHandlerOptions {
  readonly reviewer: Reviewer
  readonly recorder: Recorder
  readonly log: Log
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
  readonly limits: WebhookLimits
  /** Asks the client to close the connection if the server is draining. */
  readonly closeIfDraining: (reply: FastifyReply) => void
}

/** The route of reviews: the API server appends its deadline to the URL, `?timeout=10s`. */
export interface ReviewRoute {
  Querystring: { readonly timeout?: unknown }
}

/**
 * Answers the requests of an endpoint: resolves to the AdmissionReview of the response, as JSON. If the reviewer fails, the
 * request is allowed with a warning.
 * @throws UnreadableBodyError, UndecodableBodyError, InvalidReviewError if there is no review with a uid to answer.
 */
export type ReviewHandler = (
  endpoint: Endpoint,
  request: FastifyRequest<ReviewRoute>,
  reply: FastifyReply,
) => Promise<string>

/** Creates the handler of reviews; it answers as many at once as the limits allow. */
export function createReviewHandler(options: ReviewHandlerOptions): ReviewHandler {
  const { limits, closeIfDraining, now } = options
  const inFlight = createInFlightRequests(
    { requests: limits.reviewsInFlight, bytes: limits.bodyBytes, patience: limits.bodyPatience },
    now,
  )
  const decode = createBodyDecoder()
  return async (endpoint, { raw, query }, reply) => {
    const body = createBodyReader(raw, { bytes: limits.largestBody, timeout: limits.bodyTimeout })
    const own = inFlight.begin(body.evict)
    if (own === undefined) throw noRoom()
    try {
      const request = await receive(body, own, decode)
      // A review that waits for registries stays in flight: with half of the places taken, only memory is asked.
      const isBusy = inFlight.size() > limits.reviewsInFlight / 2
      const budget = isBusy ? 0 : lookupBudget(query.timeout, limits.lookupBudget)
      const text = await review({ endpoint, request, budget }, options)
      reply.header('content-type', 'application/json')
      closeIfDraining(reply)
      return text
    } finally {
      closeUnread(raw, reply.raw)
      own.release()
      own.end()
    }
  }
}

async function receive(
  reader: BodyReader,
  own: InFlightRequest,
  decode: BodyDecoder,
): Promise<AdmissionRequest> {
  const body = await reader.read(bytes => own.reserve(bytes))
  own.received()
  try {
    const { value, isWhole } = await decode(body)
    return readReview(value, isWhole)
  } finally {
    body.buffer.free()
    own.release()
  }
}

async function review(
  asked: { readonly endpoint: Endpoint; readonly request: AdmissionRequest; readonly budget: number },
  { reviewer, recorder, log, now }: ReviewHandlerOptions,
): Promise<string> {
  const { endpoint, request, budget } = asked
  const startedAt = now()
  try {
    const reviewed = reviewer[endpoint](request, budget)
    // Awaiting a result that is already there would cost a turn of the event loop.
    const { response, event } = reviewed instanceof Promise ? await reviewed : reviewed
    recorder.reviewed(event, (now() - startedAt) / 1000)
    return reviewText(response)
  } catch (error) {
    // Whatever it is: an error response would leave the decision to the failurePolicy, and the person uninformed.
    log.error({ err: error, endpoint, uid: request.uid }, 'review failed, allowed unchecked')
    recorder.failed(endpoint, 'error')
    return reviewText(uncheckedResponse(request.uid))
  }
}

/** The response if the review failed: allowed, with a warning to the person who applies. */
function uncheckedResponse(uid: string): AdmissionResponse {
  return { uid, allowed: true, warnings: ['patchline: internal error, not checked'] }
}

// The API server accepts no other version than the one of its request.
function reviewText(response: AdmissionResponse): string {
  const answer: AdmissionReview = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response,
  }
  return JSON.stringify(answer)
}
