import type { Server } from 'node:https'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { InvalidReviewError, type Endpoint } from '../../admission/index.ts'
import type { Log } from '../server/log.ts'
import { internalError, notFound, sendText, type TextResponse } from '../server/text-response.ts'
import { UndecodableBodyError } from './decode-body.ts'
import { UnreadableBodyError, type UnreadableBodyCode } from './request-body.ts'
import type { Recorder, ReviewFailure } from './review-handler.ts'

/** What error responses need of the server that sends them. */
export interface ErrorResponseOptions {
  readonly endpoints: readonly Endpoint[]
  readonly recorder: Recorder
  readonly log: Log
  /** Asks the client to close the connection if the server is draining. */
  readonly closeIfDraining: (reply: FastifyReply) => void
}

/** Adds the responses to requests without a review that can be answered, and to paths and methods without a route. */
export function addErrorResponses(app: FastifyInstance<Server>, options: ErrorResponseOptions): void {
  const { endpoints, recorder, log, closeIfDraining } = options
  app.setErrorHandler((error, request, reply) => {
    const response = responseTo(error)
    const endpoint = endpoints.find(known => request.routeOptions.url === `/${known}`)
    const failure = failureOf(response)
    if (failure === 'error') log.error({ err: error, endpoint }, 'request failed')
    if (endpoint !== undefined) recorder.failed(endpoint, failure)
    if (failure === 'shed') reply.header('retry-after', '1')
    if (response.status === 408) reply.header('connection', 'close')
    closeIfDraining(reply)
    return sendText(reply, response)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?')
    const hasRoute = endpoints.some(endpoint => path === `/${endpoint}`)
    if (hasRoute) reply.header('allow', 'POST')
    closeIfDraining(reply)
    return sendText(reply, hasRoute ? onlyPost : notFound)
  })
}

const onlyPost: TextResponse = { status: 405, text: 'method not allowed, only POST' }

const statusOf: Readonly<Record<UnreadableBodyCode, number>> = {
  'wrong-content-type': 415,
  aborted: 400,
  'no-room': 503,
  'too-slow': 408,
}

function responseTo(error: unknown): TextResponse {
  if (error instanceof InvalidReviewError || error instanceof UndecodableBodyError)
    return { status: 400, text: error.message }
  if (error instanceof UnreadableBodyError) return { status: statusOf[error.code], text: error.message }
  return internalError
}

function failureOf({ status }: TextResponse): ReviewFailure {
  if (status === 503) return 'shed'
  return status >= 500 ? 'error' : 'undecodable'
}
