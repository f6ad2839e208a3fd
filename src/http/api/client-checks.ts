import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem, type HttpProblem } from '../operations/problems.ts'
import {
  refuse,
  tokenOf,
  type AccessDecision,
  type ReadAccess,
  type RequireReader,
  type Verb,
} from '../operations/read-access.ts'
import { hasAcceptedName, type ClientAuthentication } from '../webhook/tls.ts'
import type { RateLimits } from './rate-limits.ts'

/** How the clients of the API are told apart. */
export interface ClientChecks {
  readonly limits: RateLimits
  readonly requestsPerMinute: number
  /** Decides by bearer tokens; without it and without `client`, every client may read. */
  readonly access?: ReadAccess
  /** Client certificates that may read, for policy engines that have no tokens. */
  readonly client?: ClientAuthentication
}

/**
 * Creates a hook that checks who sends a request, and how many. A client counts by its token or certificate; without a valid one by its
 * address, and an address that has used up its rate has no token of it reviewed.
 */
export function checkClient(checks: ClientChecks): RequireReader {
  const { limits, requestsPerMinute } = checks
  const tooMany = (reply: FastifyReply, wait: number): FastifyReply =>
    sendProblem(reply.header('retry-after', String(wait)), tooManyRequests(requestsPerMinute))
  return async (request, reply) => {
    const address = networkOf(request.ip)
    const blocked = limits.wait(address)
    if (blocked > 0) return tooMany(reply, blocked)
    const path = `/patchline${request.routeOptions.url ?? ''}`
    const verb = verbOf(request)
    const { decision, client = address } = await decide(request, { path, verb }, checks)
    const wait = limits.take(client)
    return wait > 0 ? tooMany(reply, wait) : refuse(reply, decision, { path, verb })
  }
}

function tooManyRequests(most: number): HttpProblem {
  return {
    status: 429,
    title: 'Too many requests',
    detail: `a client may send ${most} requests a minute (api.requestsPerMinute); POST /verdicts asks for many images at once`,
  }
}

interface Decided {
  readonly decision: AccessDecision
  /** Undefined where only the address is known. */
  readonly client?: string
}

interface Action {
  readonly path: string
  readonly verb: Verb
}

async function decide(
  request: FastifyRequest,
  { path, verb }: Action,
  { access, client }: ClientChecks,
): Promise<Decided> {
  const certificate = client === undefined ? undefined : acceptedCertificate(request, client)
  if (certificate !== undefined && (verb === 'get' || verb === 'post'))
    return { decision: 'allowed', client: `certificate ${certificate}` }
  if (access === undefined) return { decision: client === undefined ? 'allowed' : 'unauthenticated' }
  const token = tokenOf(request.headers.authorization)
  const decision = await access.mayRead(token, path, verb)
  const isKnown = token !== undefined && (decision === 'allowed' || decision === 'forbidden')
  return { decision, ...(isKnown && { client: `token ${fingerprintOf(token)}` }) }
}

function verbOf({ method }: FastifyRequest): Verb {
  switch (method) {
    case 'POST':
      return 'post'
    case 'PUT':
      return 'put'
    case 'DELETE':
      return 'delete'
    default:
      return 'get'
  }
}

function acceptedCertificate(
  { raw: { socket } }: FastifyRequest,
  { names }: ClientAuthentication,
): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  if (names.length > 0 && !hasAcceptedName(socket, names)) return undefined
  return socket.getPeerX509Certificate()?.fingerprint256
}

// No token is kept, not even in memory.
function fingerprintOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

// A network of IPv6 has more addresses than can be counted one by one: /64 is what one site has at least.
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [before = [], after = []] = address
    .split('::')
    .map(part => part.split(':').filter(group => group !== ''))
  const zeros = Array.from({ length: groups - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].slice(0, groups / 2).join(':')
}

const groups = 8
