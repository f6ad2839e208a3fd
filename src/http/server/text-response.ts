import type { FastifyReply } from 'fastify'

/** A response of one status and one line of plain text, which says nothing about the inside. */
export interface TextResponse {
  readonly status: number
  readonly text: string
}

/** The response to a URL that cannot be parsed. */
export const badRequest: TextResponse = { status: 400, text: 'bad request' }
/** The response to a path that has no route. */
export const notFound: TextResponse = { status: 404, text: 'not found' }
/** The response to a fault of the server; the log has its cause. */
export const internalError: TextResponse = { status: 500, text: 'internal error' }

/** Sends a text response. */
export function sendText(reply: FastifyReply, { status, text }: TextResponse): FastifyReply {
  return reply.code(status).type('text/plain').send(`${text}\n`)
}
