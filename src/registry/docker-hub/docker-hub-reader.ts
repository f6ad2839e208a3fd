import type { Candidate, Candidates } from '../auth/candidates.ts'
import type { TokenCache } from '../auth/token-cache.ts'
import type { Listing } from '../listing/lister.ts'
import { checkStatus, type Answer } from '../response/answer.ts'
import { createHubLogin, hubApi, HubLoginRefused, type HubLogin } from './docker-hub-login.ts'
import {
  hubPageUrl,
  hubTagUrl,
  readHubPage,
  readHubPlatforms,
  type HubPage,
  type HubPlatforms,
} from './docker-hub-page.ts'

/** Reads pages of one repository from Docker Hub's own API. */
export interface HubReader {
  /**
   * A page, from 1; undefined where the API does not give it: to nobody that may be asked as, or because it is past the end.
   * @throws RegistryFault where there is no answer, or none that can be read.
   */
  page(number: number, signal: AbortSignal): Promise<HubPage | undefined>
  /** For which platforms a tag is; undefined where the API does not give it. Throws as `page` does. */
  platforms(tag: string, signal: AbortSignal): Promise<HubPlatforms | undefined>
  /** Whether the pages are shown to everybody whom the configuration serves. */
  shared(): boolean
}

interface HubReaderParts {
  readonly tokens: TokenCache
  readonly candidates: Candidates
  readonly apiUrl: string
}

/** A reader that asks as one candidate after the other until one is let in, and then stays with that one. */
export function createHubReader(listing: Listing, { tokens, candidates, apiUrl }: HubReaderParts): HubReader {
  const asker = createAsker(listing, createHubLogin(listing, { tokens, apiUrl }))
  let current: Candidate | undefined

  async function ask(url: URL, signal: AbortSignal): Promise<Answer | undefined> {
    const isFirst = current === undefined
    for (;;) {
      current ??= await candidates.next(signal)
      if (current === undefined) return undefined
      const answer = await asker.ask(url, current, signal)
      if (answer !== undefined && !refusals.has(answer.status)) {
        checkStatus(answer, hubApi)
        return answer
      }
      if (!isFirst) return undefined
      current = undefined
    }
  }

  return {
    shared: () => current?.given === undefined,
    async page(number, signal) {
      const url = hubPageUrl(apiUrl, listing.query.repository, number)
      const answer = url && (await ask(url, signal))
      return answer && readHubPage(answer)
    },
    async platforms(tag, signal) {
      const url = hubTagUrl(apiUrl, listing.query.repository, tag)
      const answer = url && (await ask(url, signal))
      return answer && readHubPlatforms(answer)
    },
  }
}

// What is private is not there for others.
const refusals = new Set([401, 403, 404])

interface Asker {
  /** The answer; undefined where the candidate cannot log in. */
  ask(url: URL, candidate: Candidate, signal: AbortSignal): Promise<Answer | undefined>
}

function createAsker({ registry, query, parts, limits }: Listing, login: HubLogin): Asker {
  function get(
    url: URL,
    { account }: Candidate,
    token: string | undefined,
  ): Parameters<typeof parts.sender.send>[0] {
    const authorization = token === undefined ? undefined : `Bearer ${token}`
    const { repository, urgency = 'refresh', namespace } = query
    const turn = { repository, urgency, namespace }
    return { ...turn, registry, url, authorization, account, maxBytes: limits.answerBytes }
  }

  async function askAs(url: URL, candidate: Candidate, signal: AbortSignal): Promise<Answer> {
    const held = await login.token(candidate, undefined, signal)
    const answer = await parts.sender.send(get(url, candidate, held.token), signal)
    if (answer.status !== 401 || held.fresh) return answer
    const fresh = await login.token(candidate, held.token, signal)
    return parts.sender.send(get(url, candidate, fresh.token), signal)
  }

  return {
    async ask(url, candidate, signal) {
      const { credentials } = candidate
      if (credentials === undefined) return parts.sender.send(get(url, candidate, undefined), signal)
      // Tokens of the registry and of its token server are none of the API's.
      if (credentials.password === '') return undefined
      try {
        return await askAs(url, candidate, signal)
      } catch (error) {
        if (error instanceof HubLoginRefused) return undefined
        throw error
      }
    },
  }
}
