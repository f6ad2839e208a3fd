import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ReadAccess } from './ports.ts'
import { sendProblem, type Problem } from './problem.ts'

/** A hook of routes that only who may read them gets past. */
export type RequireReader = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply | undefined>

/**
 * Asks who sent the bearer token of a request whether he may read the path of its route: 401 without a token that is good, 403
 * without the right, and 503 where that cannot be found out. Without an access everybody may.
 */
export function requireReader(access: ReadAccess | undefined): RequireReader {
  return async ({ headers, routeOptions: { url = '' } }, reply) => {
    const path = rightFor(url)
    const decision = await access?.mayRead(tokenOf(headers.authorization), path)
    switch (decision) {
      case undefined:
      case 'allowed':
        return undefined
      case 'unauthenticated':
        return sendProblem(reply.header('www-authenticate', 'Bearer'), noToken)
      case 'forbidden':
        return sendProblem(reply, {
          ...noRight,
          detail: `the token's user may not get ${path}: ${noRight.detail}`,
        })
      case 'unavailable':
        return sendProblem(reply.header('retry-after', '1'), notNow)
    }
  }
}

// Every authenticated user may get `/api/*`: the ClusterRole system:discovery says so, and means the API server's own.
function rightFor(url: string): string {
  return url.startsWith('/api/') ? `/patchline${url}` : url
}

const noToken: Problem = {
  status: 401,
  title: 'A token is needed',
  detail: 'send the token of a user or service account of the cluster: Authorization: Bearer TOKEN',
}
const noRight: Problem = {
  status: 403,
  title: 'Not allowed',
  detail: 'bind him to the ClusterRole patchline-metrics-reader or patchline-drift-reader',
}
const notNow: Problem = {
  status: 503,
  title: 'The token cannot be reviewed now',
  detail:
    'the API server does not answer, or there are too many requests with unknown tokens; the log says which',
}

function tokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}
