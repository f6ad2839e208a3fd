import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  providerQuerySchema,
  providerRequestSchema,
  providerResponseSchema,
  verdictListSchema,
  verdictRequestSchema,
  type VerdictItem,
  type VerdictRequestBody,
} from '../../api/index.ts'
import { verdictItemOf } from '../../report/index.ts'
import type { Strategy } from '../../version/index.ts'
import { limitInFlight } from '../operations/limit-in-flight.ts'
import { invalidRequest } from './invalid-request.ts'
import type { VerdictSource } from './verdict-source.ts'

/** What the routes of many images need. */
export interface VerdictRoutes {
  readonly source: VerdictSource
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly lookupBudget: number
  /** How long first look-ups may delay a policy engine, which delays an admission. */
  readonly admissionBudget: number
  /** Where a request names none. */
  readonly strategy: Strategy
}

// A choice among the tags of each image takes up to some ten milliseconds of the one processor.
const mostInFlight = 2
// The most images at the longest.
const bodyLimit = 1024 * 1024

/** Adds `POST /verdicts` and `POST /gatekeeper/v1beta1`: the same verdicts in two forms. */
export function addVerdictRoutes(app: FastifyInstance, routes: VerdictRoutes): void {
  const shared = { preHandler: limitInFlight(mostInFlight), bodyLimit }
  app.post<{ Body: VerdictRequestBody }>(
    '/verdicts',
    { ...shared, schema: { body: verdictRequestSchema, response: { 200: verdictListSchema } } },
    async ({ body: { images, strategy } }) => ({
      apiVersion: 'patchline.dev/v1',
      kind: 'VerdictList',
      items: await verdictsFor(images, strategy, routes),
    }),
  )
  app.post<ProviderRoute>(
    '/gatekeeper/v1beta1',
    {
      ...shared,
      schema: {
        body: providerRequestSchema,
        querystring: providerQuerySchema,
        response: { 200: providerResponseSchema },
      },
      errorHandler: (error, _request, reply) => void sendSystemError(error, reply),
    },
    (request, reply) => sendProviderResponse(routes, request, reply),
  )
}

async function verdictsFor(
  images: readonly string[],
  strategy: Strategy | undefined,
  routes: Pick<VerdictRoutes, 'source' | 'now' | 'lookupBudget' | 'strategy'>,
): Promise<readonly VerdictItem[]> {
  const by = { strategy: strategy ?? routes.strategy }
  const evaluations = await routes.source.evaluate({ images, ...by, budget: routes.lookupBudget })
  const at = routes.now()
  return images.flatMap(image => {
    const evaluation = evaluations.get(image)
    return evaluation === undefined ? [] : verdictItemOf(evaluation, { ...by, at })
  })
}

interface ProviderRoute {
  readonly Body: { readonly request: { readonly keys: readonly string[] } }
  readonly Querystring: { readonly strategy?: Strategy }
}

/** The value of a key, or why there is none: Gatekeeper takes an item with an error for one without a value. */
async function sendProviderResponse(
  routes: VerdictRoutes,
  { body, query }: FastifyRequest<ProviderRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const keys = [...new Set(body.request.keys)]
  const budget = { ...routes, lookupBudget: routes.admissionBudget }
  const verdicts = await verdictsFor(keys, query.strategy, budget)
  const items = verdicts.map(verdict =>
    verdict.verdict === 'unknown'
      ? { key: verdict.image, error: `${verdict.reason}: ${verdict.detail ?? 'no more is known'}` }
      : { key: verdict.image, value: verdict },
  )
  // For the same keys the same values, as long as the registry says the same: nothing changes by asking.
  return reply.send(providerResponse({ idempotent: true, items }))
}

// Gatekeeper reads the body whatever the status is, and tells the system error to the rule that asked.
function sendSystemError(error: FastifyError, reply: FastifyReply): FastifyReply {
  const problem = invalidRequest(error)
  if (problem === undefined) throw error
  return reply.code(problem.status).send(providerResponse({ systemError: problem.detail }))
}

function providerResponse(response: object): object {
  return { apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderResponse', response }
}
