import { createExpiringMap, type ExpiringMap } from '../../async/index.ts'
import type { TagAnswer } from '../../evaluation/index.ts'
import { isTag } from '../../image/index.ts'
import { tagListOf } from '../../version/index.ts'
import type { Lister, Listing } from '../listing/lister.ts'
import { contentOf } from '../listing/validator.ts'
import { RegistryError } from '../response/registry-error.ts'
import { createGitlabApi, GitlabError, type GitlabApi, type GitlabPlace } from './gitlab-api.ts'

/** The dependencies of a lister for GitLab; `now` in epoch milliseconds. */
export interface GitlabListerParts {
  /** The lister of the distribution specification, for everything that GitLab's own API does not list. */
  readonly fallback: Lister
  readonly now: () => number
}

/**
 * Creates a lister that uses the API of a GitLab instance with the configured token. One token covers all projects that it may read,
 * while the registry needs one for each. Without a token, or if the API refuses it, the fallback lists.
 */
export function createGitlabLister({ fallback, now }: GitlabListerParts): Lister {
  const places = createExpiringMap<GitlabPlace>({ max: mostPlaces, now })
  return async (listing, signal) => {
    const { apiUrl, apiToken } = listing.registry
    if (apiUrl === undefined || apiToken === undefined || !mayUseToken(listing))
      return fallback(listing, signal)
    const api = createGitlabApi(listing, { apiUrl, apiToken })
    try {
      return await list({ listing, api, places, now }, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof GitlabError) return afterRefusal(fallback(listing, signal), error)
      if (!(error instanceof RegistryError) || error.code === 'rate-limited') throw error
      return fallback(listing, signal)
    }
  }
}

// A moved repository leaves nothing at its old place, so only a deleted and recreated one costs a useless request.
const heldFor = 86_400_000
// As many repositories as one cluster may have.
const mostPlaces = 10_000

interface Context {
  readonly listing: Listing
  readonly api: GitlabApi
  readonly places: ExpiringMap<GitlabPlace>
  readonly now: () => number
}

async function list(context: Context, signal: AbortSignal): Promise<TagAnswer> {
  const { listing, api, places, now } = context
  const { registry, query } = listing
  const key = JSON.stringify([registry.apiUrl, query.repository])
  const held = places.get(key)
  const known = held ?? (await api.find(query.repository, signal))
  if (held === undefined) places.set(key, known, now() + heldFor)
  const names = await api.tags(known, signal)
  if (names !== undefined) return answerOf(listing, names)
  // A repository that was deleted and pushed again has another number.
  places.delete(key)
  if (held === undefined) throw new GitlabError(404)
  return list(context, signal)
}

// Distinguishes it from the validators of other listers.
const prefix = 'gitlab-1 '

function answerOf(listing: Listing, names: readonly string[]): TagAnswer {
  const legal = names.filter(isTag)
  if (legal.length < names.length) listing.onDropped?.(names.length - legal.length)
  const tags = tagListOf(legal)
  const validator = `${prefix}${contentOf(tags, 0, tags.length)}`
  // The token is the configuration's, so its tags may be shown to every namespace that it serves.
  const shared = listing.registry.namespaces === undefined
  if (listing.query.held?.validator === validator) return { kind: 'unchanged', shared }
  return { kind: 'listed', tags, slice: undefined, published: undefined, validator, shared }
}

function mayUseToken({ registry, query: { credentials = [] } }: Listing): boolean {
  return registry.namespaces === undefined || credentials.some(({ configured }) => configured === true)
}

/** The registry's answer; if it refuses too, the error gives the API's reason, because the token is what can be corrected. */
async function afterRefusal(answer: Promise<TagAnswer>, refusal: GitlabError): Promise<TagAnswer> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    if (error.code !== 'unauthorized' && error.code !== 'not-found') throw error
    const code = refusal.status === 404 ? error.code : 'unauthorized'
    const told = (why: string): string => `${refusal.message}, and without it ${why}`
    throw new RegistryError(code, told(error.message), {
      next: refusal.next,
      forOthers: told(error.forOthers),
      cause: error,
    })
  }
}
