import type { FastifyInstance, FastifyReply } from 'fastify'
import { watchListSchema, watchSchema } from '../../api/index.ts'
import { familiarRepository, referenceOf, type Repository } from '../../image/index.ts'
import { instant } from '../../report/index.ts'
import type { Watch, Watching } from '../../watching/index.ts'
import { sendProblem, type HttpProblem } from '../operations/problems.ts'

/** The watch list, as far as clients see and change it. */
export type WatchListPort = Pick<Watching, 'list' | 'get' | 'add' | 'remove'>

interface Route {
  readonly Params: { readonly '*': string }
}

/** Adds `GET /watches` and `GET`, `PUT`, `DELETE /watches/{image}`; the image has neither tag nor digest. */
export function addWatchRoutes(app: FastifyInstance, watches: WatchListPort): void {
  const one = { schema: { response: { 200: watchSchema, 201: watchSchema } } }
  app.get('/watches', { schema: { response: { 200: watchListSchema } } }, () => ({
    apiVersion: 'patchline.dev/v1',
    kind: 'WatchList',
    items: watches.list().map(shown),
  }))
  app.get<Route>('/watches/*', one, ({ params }, reply) =>
    withRepository(params, reply, repository => sendWatch(reply, watches.get(repository))),
  )
  app.put<Route>('/watches/*', one, ({ params }, reply) =>
    withRepository(params, reply, async repository => {
      const outcome = await watches.add(repository)
      if (outcome === 'full') return sendProblem(reply, problems.full)
      return sendWatch(reply.code(outcome === 'added' ? 201 : 200), watches.get(repository))
    }),
  )
  app.delete<Route>('/watches/*', ({ params }, reply) =>
    withRepository(params, reply, async repository => {
      const outcome = await watches.remove(repository)
      if (outcome === 'none') return sendProblem(reply, problems.notWatched)
      return outcome === 'configured' ? sendProblem(reply, problems.configured) : reply.code(204).send()
    }),
  )
}

/** Adds responses that say why the watch list is not open to clients. */
export function addWatchRoutesOff(app: FastifyInstance): void {
  for (const path of ['/watches', '/watches/*'])
    app.all(path, (_request, reply) => sendProblem(reply, problems.off))
}

async function withRepository(
  { '*': path }: Route['Params'],
  reply: FastifyReply,
  respond: (repository: Repository) => FastifyReply | Promise<FastifyReply>,
): Promise<FastifyReply> {
  const reference = referenceOf(path)
  if (reference === undefined || reference.tag !== undefined || reference.digest !== undefined)
    return sendProblem(reply, problems.noRepository)
  return respond(reference)
}

function sendWatch(reply: FastifyReply, watch: Watch | undefined): FastifyReply {
  return watch === undefined ? sendProblem(reply, problems.notWatched) : reply.send(shown(watch))
}

function shown(watch: Watch): object {
  const { source, lookedAt, tags, problem } = watch
  return {
    image: familiarRepository(watch),
    source,
    lookedAt: instant(lookedAt),
    tags: tags ?? null,
    problem: problem ?? null,
  }
}

const problems = {
  off: {
    status: 403,
    title: 'The watch list is off',
    detail:
      'any client that reaches the port could change it: set api.authentication to tokens or kubernetes',
  },
  noRepository: {
    status: 400,
    title: 'The image cannot be read',
    detail: 'the path names no image without a tag, as in /watches/org/image',
  },
  notWatched: {
    status: 404,
    title: 'Not watched',
    detail: 'the image is not on the watch list: PUT adds it',
  },
  configured: {
    status: 409,
    title: 'The configuration watches it',
    detail: 'the image is in watch.images: remove it there',
  },
  full: { status: 409, title: 'The watch list is full', detail: 'it has a thousand images: remove some' },
} as const satisfies Readonly<Record<string, HttpProblem>>
