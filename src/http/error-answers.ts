import type { FastifyReply } from 'fastify'
import { InvalidReviewError } from '../admission/index.ts'
import { UndecodableBodyError } from './decode-body.ts'
import { UnreadableBodyError, type UnreadableBodyCode } from './read-body.ts'

/** What a request is answered with that gets no other answer: a status and one line, with nothing about the inside. */
export interface ErrorAnswer {
  readonly status: number
  readonly text: string
}

const statusOf: Readonly<Record<UnreadableBodyCode, number>> = {
  'wrong-content-type': 415,
  aborted: 400,
  'no-room': 503,
  'too-slow': 408,
}

/** The answer to what a route threw. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof InvalidReviewError || error instanceof UndecodableBodyError)
    return { status: 400, text: error.message }
  if (error instanceof UnreadableBodyError) return { status: statusOf[error.code], text: error.message }
  return { status: 500, text: 'internal error' }
}

/** The answer where no route is: `method` is the one that the path has, if it has any. */
export function noRouteAnswer(method: string | undefined): ErrorAnswer {
  return method === undefined
    ? { status: 404, text: 'not found' }
    : { status: 405, text: `method not allowed, only ${method}` }
}

/** The answer where the path cannot be read. */
export const badUrlAnswer: ErrorAnswer = { status: 400, text: 'bad request' }

/** Sends it, as plain text. */
export function sendText(reply: FastifyReply, { status, text }: ErrorAnswer): FastifyReply {
  return reply.code(status).type('text/plain').send(`${text}\n`)
}
