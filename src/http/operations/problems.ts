import type { FastifyReply } from 'fastify'
import { driftQuerySchema } from '../../api/index.ts'
import { itemsOf, member } from '../../json/index.ts'

/** The problem details of a failed request (RFC 9457). */
export interface HttpProblem {
  readonly status: number
  readonly title: string
  readonly detail: string
  /** The age of the only data that there is, and as of when it is (RFC 3339). */
  readonly ageSeconds?: number
  readonly checkedAt?: string
}

/** Every problem that the operations port responds with. */
export const problems = {
  unreadableQuery: (detail: string): HttpProblem => ({
    status: 400,
    title: 'The query cannot be read',
    detail,
  }),
  tokenNeeded: {
    status: 401,
    title: 'A token is needed',
    detail:
      'send Authorization: Bearer TOKEN, of a user or service account of the cluster, or of api.tokens where those count',
  },
  notAllowed: (path: string, verb: string): HttpProblem => ({
    status: 403,
    title: 'Not allowed',
    detail: `the token's user may not ${verb} ${path}: bind him to a ClusterRole of manifests/rbac-readers.yaml or manifests/verdicts/rbac.yaml, or give a token of api.tokens the right to write`,
  }),
  restOff: {
    status: 403,
    title: 'The REST interface is off',
    detail:
      'any client that reaches the port could read it: set operations.authentication to kubernetes or tokens',
  },
  reportChanged: {
    status: 410,
    title: 'The report has changed',
    detail: 'continue is of an earlier report: begin again without it',
  },
  noReport: {
    status: 503,
    title: 'No report yet',
    detail: 'no audit has ended in this process; of several processes only the one that leads audits',
  },
  tooManyRequests: (most: number): HttpProblem => ({
    status: 503,
    title: 'Too many requests at once',
    detail: `${most} requests are answered at a time; ask again in a second`,
  }),
  tokenNotReviewed: {
    status: 503,
    title: 'The token cannot be reviewed now',
    detail:
      'the API server does not answer, or there are too many requests with unknown tokens; the log says which',
  },
} as const

/** Responds with a problem. */
export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...problem }))
}

/** The problem of a query that the schema does not allow; undefined for any other error. */
export function queryProblem(error: unknown): HttpProblem | undefined {
  if (!(error instanceof Error) || !('validation' in error)) return undefined
  const [first] = itemsOf(error.validation)
  return problems.unreadableQuery(detailOf(first) ?? error.message)
}

const parameters: Readonly<Record<string, object>> = driftQuerySchema.properties

// Descriptions of values whose schema is not readable in a message.
const forms: Readonly<Record<string, string>> = {
  minAge: 'must be a number with m, h or d behind it: 7d, 12h, 30m',
  limit: 'must be a whole number from 1 to 1000',
}

function detailOf(error: unknown): string | undefined {
  const keyword = member(error, 'keyword')
  const params = member(error, 'params')
  if (keyword === 'additionalProperties')
    return `there is no parameter ${String(member(params, 'additionalProperty'))}; there are ${Object.keys(parameters).join(', ')}`
  const name = String(member(error, 'instancePath')).slice(1)
  if (!Object.hasOwn(parameters, name)) return undefined
  const allowed = itemsOf(member(params, 'allowedValues'))
  if (allowed.length > 0) return `${name}: must be one of ${allowed.join(', ')}`
  if (keyword === 'maxLength')
    return `${name}: must have at most ${String(member(params, 'limit'))} characters`
  return `${name}: ${forms[name] ?? 'must be given once'}`
}
