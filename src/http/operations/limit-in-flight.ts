import type { FastifyReply, FastifyRequest } from 'fastify'
import { problems, sendProblem } from './problems.ts'

type PreHandler = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

/** A hook that limits the requests in flight, until their responses are sent; one more gets 503. */
export function limitInFlight(most: number): PreHandler {
  let inFlight = 0
  return (_request, reply, done) => {
    if (inFlight >= most) {
      reply.header('retry-after', '1')
      return void sendProblem(reply, problems.tooManyRequests(most))
    }
    inFlight += 1
    reply.raw.once('close', () => (inFlight -= 1))
    return done()
  }
}
