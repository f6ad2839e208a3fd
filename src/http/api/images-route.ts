import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { imageAnswerSchema, imageQuerySchema, type ImageStrategy } from '../../api/index.ts'
import { isTag } from '../../image/index.ts'
import type { Strategy } from '../../version/index.ts'
import { sendProblem } from '../operations/problems.ts'
import { imageProblem, unreadableImage, type ImageProblem } from './image-problems.ts'
import type { VerdictSource } from './verdict-source.ts'

/** What the routes of images need. */
export interface ImageRoutes {
  readonly source: VerdictSource
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly lookupBudget: number
}

interface Route {
  readonly Params: { readonly '*': string }
  readonly Querystring: { readonly strategy: ImageStrategy }
}

/**
 * Adds `GET /images/{org}/{image}/{tag}` as image-watcher has it, and `/image/…` as its README says. In place of an organisation
 * there may be none, or a registry and a path of any depth.
 */
export function addImageRoutes(app: FastifyInstance, routes: ImageRoutes): void {
  const schema = { querystring: imageQuerySchema, response: { 200: imageAnswerSchema } }
  for (const path of ['/images/*', '/image/*'])
    app.get<Route>(path, { schema }, (request, reply) => sendNewest(routes, request, reply))
}

const strategyOf: Readonly<Record<ImageStrategy, Strategy>> = {
  patch: 'rebuild',
  bugfix: 'patch',
  minor: 'minor',
  major: 'major',
}

async function sendNewest(
  { source, now, lookupBudget }: ImageRoutes,
  { params, query }: FastifyRequest<Route>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name, tag } = asked(params['*'])
  if (!isTag(tag)) return sendImageProblem(reply, noTag)
  const image = `${name}:${tag}`
  const request = { images: [image], strategy: strategyOf[query.strategy], budget: lookupBudget }
  const evaluation = (await source.evaluate(request)).get(image)
  if (evaluation === undefined) throw new Error(`no evaluation of ${image}`)
  const problem = imageProblem(evaluation, now())
  if (problem !== undefined) return sendImageProblem(reply, problem)
  const newest = evaluation.newest ?? tag
  // The body is as the old clients parse it; what a person may want to know beside it is in a header.
  reply.header('patchline-reason', evaluation.reason)
  return reply.send({ tag: newest, fullImage: `${name}:${newest}` })
}

const noTag = unreadableImage(
  'the last part of the path is no tag; ask for /images/nginx/1.25.1, /images/org/image/1.2.3 or /images/registry.example.com:5000/team/app/1.2.3',
)

// In the catalogue of Docker Hub `_` is the organisation of the official images.
function asked(path: string): { readonly name: string; readonly tag: string } {
  const slash = path.lastIndexOf('/')
  return { name: path.slice(0, Math.max(0, slash)).replace(/^_\//, 'library/'), tag: path.slice(slash + 1) }
}

function sendImageProblem(reply: FastifyReply, { retryAfter, ...problem }: ImageProblem): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  return sendProblem(reply, problem)
}
