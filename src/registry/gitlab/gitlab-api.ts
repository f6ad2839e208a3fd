import { isJsonObject } from '../../json/index.ts'
import { nextPage } from '../listing/link.ts'
import type { Listing } from '../listing/lister.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { checkStatus, headerOf, parseJson, type RegistryResponse } from '../response/response.ts'

/** The identity of a container repository in GitLab: the path of its project, and its ID. */
export interface GitlabPlace {
  readonly project: string
  readonly id: number
}

/** The API of one GitLab instance, on behalf of one listing. */
export interface GitlabApi {
  /**
   * The place of a container repository, whose path begins with that of its project.
   * @throws GitlabError where the token is refused or sees no such repository; RegistryError where there is no response.
   */
  find(repository: string, signal: AbortSignal): Promise<GitlabPlace>
  /**
   * The names of its tags; undefined where it is no longer there.
   * @throws GitlabError, RegistryError
   */
  tags(place: GitlabPlace, signal: AbortSignal): Promise<readonly string[] | undefined>
}

/** The address of an instance's API, and a token for it. */
export interface GitlabAccess {
  readonly apiUrl: string
  readonly apiToken: string
}

/** The API does not let the token read the repository. */
export class GitlabError extends Error {
  override readonly name = 'GitlabError'
  readonly status: number
  /** Advice for the user. */
  readonly next: string

  constructor(status: number) {
    const { why, next } = refusals[status] ?? unseen
    super(`GitLab's API ${why}`)
    this.status = status
    this.next = next
  }
}

const unseen = {
  why: 'shows the configured token no such repository',
  next: 'check the name of the image, and that the token is of a member of the project (Reporter or more)',
}
const refusals: Readonly<Record<number, { readonly why: string; readonly next: string }>> = {
  401: {
    why: 'answered 401 to the configured token',
    next: 'make a new token with the scopes read_api and read_registry, and give it as tokenFrom',
  },
  403: {
    why: 'answered 403 to the configured token',
    next: 'give the token the scopes read_api and read_registry, and at least the role of a Reporter',
  },
}

// The most that GitLab gives on a page.
const pageSize = 100
// Groups may be nested twenty deep; a path has no more parts than that with its project and a name of three parts.
const mostParts = 24

/** The API of the instance at `apiUrl`; the token goes there and nowhere else. */
export function createGitlabApi(listing: Listing, access: GitlabAccess): GitlabApi {
  const all = createReader(listing, access)
  return {
    async find(repository, signal) {
      for (const project of projectsOf(repository)) {
        const address = `projects/${encodeURIComponent(project)}/registry/repositories?per_page=${pageSize}`
        const found = await all(address, signal)
        const id = found?.map(idOf(repository)).find(each => each !== undefined)
        if (id !== undefined) return { project, id }
      }
      throw new GitlabError(404)
    },
    async tags({ project, id }, signal) {
      const repository = `projects/${encodeURIComponent(project)}/registry/repositories/${id}`
      const found = await all(`${repository}/tags?per_page=${pageSize}`, signal)
      return found?.map(nameOf)
    },
  }
}

// Every entry of a list; undefined where there is none.
type Reader = (address: string, signal: AbortSignal) => Promise<readonly unknown[] | undefined>

function createReader(
  { registry, query, parts, limits }: Listing,
  { apiUrl, apiToken }: GitlabAccess,
): Reader {
  const common = {
    registry,
    headers: { 'private-token': apiToken },
    authorization: undefined,
    repository: query.repository,
    urgency: query.urgency ?? 'refresh',
    namespace: query.namespace,
    account: 'api',
    maxBytes: limits.responseBytes,
  } as const
  return async (address, signal) => {
    const found: unknown[] = []
    let pages = 0
    for (let url: URL | undefined = new URL(`${apiUrl}/api/v4/${address}`); url !== undefined;) {
      if (pages++ === limits.pages)
        throw invalidResponse(`GitLab's API gives more than ${limits.pages} pages`)
      const response = await parts.send({ ...common, url }, signal)
      if (response.status === 404) return undefined
      if (response.status === 401 || response.status === 403) throw new GitlabError(response.status)
      checkStatus(response, "GitLab's API")
      found.push(...itemsOf(response))
      if (found.length > limits.tags)
        throw invalidResponse(`GitLab's API gives more than ${limits.tags} entries`)
      url = pageAfter(response)
    }
    return found
  }
}

// group/subgroup/project/image: what is the project's path only GitLab knows, so the longest goes first.
function projectsOf(repository: string): readonly string[] {
  const parts = repository.split('/')
  if (parts.length > mostParts) return []
  return parts
    .map((_, at) => parts.slice(0, parts.length - at))
    .filter(({ length }) => length > 1)
    .map(path => path.join('/'))
}

function itemsOf(response: RegistryResponse): readonly unknown[] {
  const items = parseJson(response)
  if (!Array.isArray(items)) throw invalidResponse("GitLab's API sent no list")
  return items
}

function idOf(repository: string): (item: unknown) => number | undefined {
  return item => {
    if (!isJsonObject(item) || item['path'] !== repository) return undefined
    const { id } = item
    return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined
  }
}

function nameOf(item: unknown): string {
  if (isJsonObject(item) && typeof item['name'] === 'string') return item['name']
  throw invalidResponse("GitLab's API sent a tag without a name")
}

// Pages have numbers where the instance counts, else a Link. A number is put into an address of ours, and must go up.
function pageAfter(response: RegistryResponse): URL | undefined {
  const next = headerOf(response, 'x-next-page')?.trim()
  if (next === undefined) return nextPage(headerOf(response, 'link'), response.url)
  if (next === '') return undefined
  const current = Number(response.url.searchParams.get('page') ?? 1)
  if (!/^\d{1,6}$/.test(next) || Number(next) <= current)
    throw invalidResponse("the pages of GitLab's API go round in a circle")
  const url = new URL(response.url)
  url.searchParams.set('page', next)
  return url
}
