import type { TagAnswer } from '../../evaluation/index.ts'
import { tagListOf } from '../../version/index.ts'
import { RegistryFault } from '../response/fault.ts'
import { createGitlabApi, GitlabRefusal, type GitlabApi } from './gitlab-api.ts'
import { createGitlabPlaces, type GitlabPlaces } from './gitlab-places.ts'
import type { Lister, Listing } from '../listing/lister.ts'
import { contentOf } from '../listing/validator.ts'

/** What a lister for GitLab is made of; `now` in epoch milliseconds. */
export interface GitlabListerParts {
  /** Lists by the distribution specification, where GitLab's own API does not. */
  readonly fallback: Lister
  readonly now: () => number
}

/**
 * Lists tags by the API of a GitLab instance, with the token that is configured for it: one for all projects that it may
 * read, where the registry wants a token for each. Without a token, and where the API refuses it, the registry is asked.
 */
export function createGitlabLister({ fallback, now }: GitlabListerParts): Lister {
  const places = createGitlabPlaces(now)
  return async (listing, signal) => {
    const { apiUrl, apiToken } = listing.registry
    if (apiUrl === undefined || apiToken === undefined || !mayUseToken(listing))
      return fallback(listing, signal)
    const api = createGitlabApi(listing, { apiUrl, apiToken })
    try {
      return await list({ listing, api, places }, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof GitlabRefusal) return afterRefusal(fallback(listing, signal), error)
      if (!(error instanceof RegistryFault) || error.code === 'rate-limited') throw error
      return fallback(listing, signal)
    }
  }
}

interface Context {
  readonly listing: Listing
  readonly api: GitlabApi
  readonly places: GitlabPlaces
}

async function list({ listing, api, places }: Context, signal: AbortSignal): Promise<TagAnswer> {
  const { registry, query } = listing
  const key = JSON.stringify([registry.apiUrl, query.repository])
  const held = places.get(key)
  const known = held ?? (await api.find(query.repository, signal))
  places.set(key, known)
  const names = await api.tags(known, signal)
  if (names !== undefined) return answerOf(listing, names)
  // A repository that was deleted and pushed again has another number.
  places.delete(key)
  if (held === undefined) throw new GitlabRefusal(404)
  return list({ listing, api, places }, signal)
}

// So that no text of another lister is taken for one of ours.
const prefix = 'gitlab-1 '
// Of the distribution specification.
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

function answerOf(listing: Listing, names: readonly string[]): TagAnswer {
  const legal = names.filter(name => tagPattern.test(name))
  if (legal.length < names.length) listing.onDropped?.(names.length - legal.length)
  const tags = tagListOf(legal)
  const validator = `${prefix}${contentOf(tags, 0, tags.length)}`
  // The token is the configuration's: whoever it serves may know.
  const shared = listing.registry.namespaces === undefined
  if (listing.query.held?.validator === validator) return { kind: 'unchanged', shared }
  return { kind: 'listed', tags, slice: undefined, published: undefined, validator, shared }
}

function mayUseToken({ registry, query: { credentials = [] } }: Listing): boolean {
  return registry.namespaces === undefined || credentials.some(({ configured }) => configured === true)
}

/** The registry's answer; where it refuses too, the API's reason is told, for there the token can be mended. */
async function afterRefusal(answer: Promise<TagAnswer>, refusal: GitlabRefusal): Promise<TagAnswer> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof RegistryFault)) throw error
    if (error.code !== 'unauthorized' && error.code !== 'not-found') throw error
    const code = refusal.status === 404 ? error.code : 'unauthorized'
    const told = (why: string): string => `${refusal.message}, and without it ${why}`
    throw new RegistryFault(code, told(error.message), {
      next: refusal.next,
      forOthers: told(error.forOthers),
      cause: error,
    })
  }
}
