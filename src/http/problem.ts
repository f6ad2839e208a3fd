import type { FastifyReply } from 'fastify'

/** What was wrong with a request, as RFC 9457 has it. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }))
}
