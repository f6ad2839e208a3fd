import type { FastifyInstance } from 'fastify'
import { referenceOf, type Repository } from '../../image/index.ts'
import { sendProblem, type HttpProblem } from '../operations/problems.ts'
import { hookForms, type HookKind } from './hook-kinds.ts'

/** A sender of hints, as the configuration has it. */
export interface Hook {
  readonly name: string
  readonly kind: HookKind
  /** The host whose repositories it may name. */
  readonly registry: string
  readonly secret: string
}

/** Takes hints: that a repository may have changed, and nothing else. */
export interface HintTaker {
  /** False where the repository is of no interest. */
  hint(repository: Repository): boolean
}

export interface HookRoutes {
  readonly hooks: readonly Hook[]
  readonly hints: HintTaker
}

interface Route {
  readonly Params: { readonly name: string }
  readonly Querystring: { readonly token?: string }
  readonly Body: Buffer
}

// A notification of distribution has some events, each of about a kilobyte.
const bodyLimit = 256 * 1024
const mostRepositories = 100

/** Adds `POST /hooks/{name}`: a webhook of a registry, which is believed no more than that it is worth a look. */
export async function addHookRoutes(app: FastifyInstance, { hooks, hints }: HookRoutes): Promise<void> {
  // The signature is of the bytes.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
  app.post<Route>('/hooks/:name', { bodyLimit }, ({ params, headers, query, body }, reply) => {
    const hook = hooks.find(({ name }) => name === params.name)
    if (hook === undefined) return sendProblem(reply, problems.noHook)
    const form = hookForms[hook.kind]
    if (!Buffer.isBuffer(body)) return sendProblem(reply, problems.notJson)
    if (!form.isFrom({ headers, token: query.token, body }, hook.secret))
      return sendProblem(reply, problems.notSigned)
    const json = parsed(body)
    if (json === undefined) return sendProblem(reply, problems.notJson)
    const named = [...new Set(form.repositories(json))].slice(0, mostRepositories)
    const repositories = named.flatMap(path => repositoryOf(hook, path))
    const accepted = repositories.filter(repository => hints.hint(repository)).length
    return reply.code(202).send({ accepted })
  })
}

function repositoryOf({ registry }: Hook, path: unknown): readonly Repository[] {
  const reference = typeof path === 'string' ? referenceOf(`${registry}/${path}`) : undefined
  return reference === undefined ? [] : [{ registry: reference.registry, repository: reference.repository }]
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const problems = {
  noHook: {
    status: 404,
    title: 'There is no such hook',
    detail: 'the configuration has none of this name (watch.hooks)',
  },
  notSigned: {
    status: 401,
    title: 'The sender is not known',
    detail: 'its token or signature is not that of the secret of this hook',
  },
  notJson: { status: 400, title: 'The body cannot be read', detail: 'it is no JSON' },
} as const satisfies Readonly<Record<string, HttpProblem>>
