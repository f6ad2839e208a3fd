import type { Test } from 'tap'

import { startStandIn, type StandIn, type StandInAnswer, type StandInRequest } from './cloud-stand-in.ts'

/** What a stand-in for a GitLab instance has. */
export interface GitlabServerOptions {
  /** Tags by repository, repositories by project: `{ 'group/project': { 'group/project/image': ['1.0'] } }`. */
  readonly projects: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  readonly token: string
  /** `offset` numbers the pages, `keyset` gives a Link. */
  readonly paging?: 'offset' | 'keyset'
  /** Below which path of the host the instance lies. */
  readonly path?: string
  /** The number of the first repository. */
  readonly firstId?: () => number
}

/** Starts a stand-in that finds, pages and refuses as the documentation of GitLab's API says. */
export function startGitlabServer(t: Test, options: GitlabServerOptions): Promise<StandIn> {
  return startStandIn(t, (request, origin) =>
    request.headers['private-token'] === options.token
      ? answer(request, options, origin)
      : { status: 401, body: { message: '401 Unauthorized' } },
  )
}

function answer(request: StandInRequest, options: GitlabServerOptions, origin: string): StandInAnswer {
  const { paging, firstId, path = '', projects } = options
  const pattern = /^(.*)\/api\/v4\/projects\/([^/]+)\/registry\/repositories(?:\/(\d+)\/tags)?$/
  const [, prefix, project = '', id] = pattern.exec(request.path) ?? []
  const repositories = projects[decodeURIComponent(project)]
  if (prefix !== path || repositories === undefined)
    return { status: 404, body: { message: '404 Project Not Found' } }
  const entries = Object.keys(repositories).map((name, at) => ({ id: (firstId?.() ?? 1) + at, path: name }))
  if (id === undefined) return page(request, entries, { origin, paging })
  const entry = entries.find(each => String(each.id) === id)
  if (entry === undefined) return { status: 404, body: { message: '404 Not found' } }
  const tags = (repositories[entry.path] ?? []).map(name => ({ name, path: `${entry.path}:${name}` }))
  return page(request, tags, { origin, paging })
}

function page(
  { target, query }: StandInRequest,
  items: readonly object[],
  { origin, paging = 'offset' }: { origin: string; paging: GitlabServerOptions['paging'] },
): StandInAnswer {
  const size = Math.min(100, Number(query.get('per_page') ?? 20))
  const number = Number(query.get(paging === 'offset' ? 'page' : 'cursor') ?? 1)
  const body = items.slice((number - 1) * size, number * size)
  const isLast = number * size >= items.length
  if (paging === 'offset') {
    const headers = { 'x-page': String(number), 'x-next-page': isLast ? '' : String(number + 1) }
    return { headers, body }
  }
  const url = new URL(target, origin)
  url.searchParams.set('cursor', String(number + 1))
  return { headers: isLast ? {} : { link: `<${url.href}>; rel="next"` }, body }
}
