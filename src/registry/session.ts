import type { Answer } from './answer.ts'
import { answerable, type Authorize } from './authorizer.ts'
import type { Challenge } from './challenge.ts'
import { invalidAnswer } from './fault.ts'
import { redirectOf, type Target } from './redirect.ts'
import type { Registry } from './registry.ts'
import type { Sender } from './sender.ts'
import { checkStatus } from './status.ts'

/** What a session works with. */
export interface SessionParts {
  readonly registries: ReadonlyMap<string, Registry>
  readonly sender: Sender
  readonly authorize: Authorize
  readonly answerBytes: number
}

/** Reads pages of one repository: follows redirects and answers challenges. */
export interface Session {
  /**
   * The page, and whose it is: after a redirect the next one lies where that led.
   * @throws RegistryFault unless the answer has status 200.
   */
  get(page: Target, signal: AbortSignal): Promise<{ readonly answer: Answer; readonly registry: Registry }>
}

// One from http to https or to a region, one for a moved path, one to spare.
const mostRedirects = 3

/** A session with one repository; it remembers how the registry wants to be asked. */
export function createSession(registry: Registry, repository: string, parts: SessionParts): Session {
  const asker = createAsker(registry, repository, parts)
  const registries = [...parts.registries.values()]
  return {
    async get(page, signal) {
      let target = page
      for (let followed = 0; followed <= mostRedirects; followed++) {
        const answer = await asker.ask(target, signal)
        const next = redirectOf(answer, target.registry, registries)
        if (next === undefined) {
          checkStatus(answer, target.registry)
          return { answer, registry: target.registry }
        }
        target = next
      }
      throw invalidAnswer(`it redirects more than ${mostRedirects} times`)
    },
  }
}

interface Asker {
  ask(target: Target, signal: AbortSignal): Promise<Answer>
}

function createAsker(registry: Registry, repository: string, parts: SessionParts): Asker {
  let challenge: Challenge | undefined
  let authorization: string | undefined

  function send(target: Target, signal: AbortSignal): Promise<Answer> {
    // Only the registry's own origin ever sees an Authorization header.
    const value = isOwn(target) ? authorization : undefined
    return parts.sender.send({ ...target, authorization: value, maxBytes: parts.answerBytes }, signal)
  }

  function isOwn({ url }: Target): boolean {
    return url.origin === registry.origin
  }

  return {
    async ask(target, signal) {
      let answer = await send(target, signal)
      let settled = !isOwn(target)
      while (answer.status === 401 && !settled) {
        // The first challenge of a walk stands: nvcr.io names another realm, of no use, once a token has expired.
        challenge ??= answerable(answer)
        const scope = { registry, repository, rejected: authorization }
        const renewed = await parts.authorize(challenge, scope, signal)
        if (renewed.value === authorization) break
        authorization = renewed.value
        settled = renewed.fresh
        answer = await send(target, signal)
      }
      return answer
    },
  }
}
