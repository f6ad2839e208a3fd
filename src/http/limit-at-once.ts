import type { FastifyReply } from 'fastify'
import { sendProblem } from './problem.ts'

/** A hook that lets so many requests be under way, until their answers are taken; one more is sent away with 503. */
export function limitAtOnce(most: number): (reply: FastifyReply, done: () => void) => void {
  let underWay = 0
  return (reply, done) => {
    if (underWay >= most) {
      reply.header('retry-after', '1')
      return void sendProblem(reply, {
        status: 503,
        title: 'Too many requests at once',
        detail: `${most} requests are answered at a time; ask again in a second`,
      })
    }
    underWay += 1
    reply.raw.once('close', () => (underWay -= 1))
    return done()
  }
}
