import type { FastifyReply, FastifyRequest } from 'fastify'
import { problems, sendProblem } from './problems.ts'

/** What is done with a path: a method of HTTP in lower case, as RBAC has it. */
export type Verb = 'get' | 'post' | 'put' | 'delete'

/** Whether a client may do something; `unavailable` if that cannot be decided now. */
export type AccessDecision = 'allowed' | 'unauthenticated' | 'forbidden' | 'unavailable'

/** Decides which clients may read what. */
export interface ReadAccess {
  /** Whether the bearer of a token may use a path, by default with `get`. Never rejects. */
  mayRead(token: string | undefined, path: string, verb?: Verb): Promise<AccessDecision>
}

/** A hook for routes: it answers a request that may not read them. */
export type RequireReader = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply | undefined>

/**
 * Creates a hook that checks whether the bearer token of a request may read the path of its route. It responds with 401 without a
 * valid token, 403 without the right, and 503 if that cannot be decided. Without an access every client may read.
 */
export function requireReader(access: ReadAccess | undefined): RequireReader {
  return async ({ headers, routeOptions: { url = '' } }, reply) => {
    const path = authorizedPath(url)
    const decision = await access?.mayRead(tokenOf(headers.authorization), path)
    return refuse(reply, decision ?? 'allowed', { path, verb: 'get' })
  }
}

/** Responds to a client that may not do what it asked for; undefined where it may. */
export function refuse(
  reply: FastifyReply,
  decision: AccessDecision,
  { path, verb }: { readonly path: string; readonly verb: Verb },
): FastifyReply | undefined {
  switch (decision) {
    case 'allowed':
      return undefined
    case 'unauthenticated':
      return sendProblem(reply.header('www-authenticate', 'Bearer'), problems.tokenNeeded)
    case 'forbidden':
      return sendProblem(reply, problems.notAllowed(path, verb))
    case 'unavailable':
      return sendProblem(reply.header('retry-after', '1'), problems.tokenNotReviewed)
  }
}

// Every authenticated user may get `/api/*`: the ClusterRole system:discovery says so, and means the API server's own paths.
function authorizedPath(url: string): string {
  return url.startsWith('/api/') ? `/patchline${url}` : url
}

/** The bearer token of an `Authorization` header. */
export function tokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}
