import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { at, itemsOf, member } from '../../json/index.ts'

/** The senders of hints: a push to a registry, told in the form of its software. */
export type HookKind = 'docker-hub' | 'github' | 'gitlab' | 'harbor' | 'distribution'

/** One request of a sender. */
interface HookRequest {
  readonly headers: IncomingHttpHeaders
  /** Of `?token=`. */
  readonly token: string | undefined
  readonly body: Buffer
}

/** What is particular to a kind. */
interface HookForm {
  /** Whether the sender knows the secret. */
  isFrom(request: HookRequest, secret: string): boolean
  /** The paths of repositories that a body names; where they are is said by the configuration, never by the body. */
  repositories(body: unknown): readonly unknown[]
}

/** The forms of all kinds. */
export const hookForms: Readonly<Record<HookKind, HookForm>> = {
  // Docker Hub signs nothing and sends no header: the secret is in the address.
  'docker-hub': {
    isFrom: ({ token }, secret) => isSame(token, secret),
    repositories: body => [at(body, ['repository', 'repo_name'])],
  },
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  github: {
    isFrom: ({ headers, body }, secret) =>
      isSame(
        textOf(headers['x-hub-signature-256']),
        `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ),
    repositories: body =>
      ['package', 'registry_package'].map(key => {
        const found = member(body, key)
        const [namespace, name] = [member(found, 'namespace'), member(found, 'name')]
        return typeof namespace === 'string' && typeof name === 'string'
          ? `${namespace}/${name}`.toLowerCase()
          : undefined
      }),
  },
  gitlab: {
    isFrom: ({ headers }, secret) => isSame(textOf(headers['x-gitlab-token']), secret),
    repositories: body => [lowerCase(at(body, ['project', 'path_with_namespace']))],
  },
  // Harbor sends the text of its field "Auth Header" as it is, in its own form or as a CloudEvent.
  harbor: {
    isFrom: ({ headers }, secret) => isSame(headers.authorization, secret),
    repositories: body => [
      at(body, ['event_data', 'repository', 'repo_full_name']),
      at(body, ['data', 'repository', 'repo_full_name']),
    ],
  },
  // https://distribution.github.io/distribution/about/notifications/: the header is the one of its configuration.
  distribution: {
    isFrom: ({ headers }, secret) => isSame(headers.authorization, secret),
    repositories: body =>
      itemsOf(member(body, 'events'))
        .filter(event => member(event, 'action') !== 'pull')
        .map(event => at(event, ['target', 'repository'])),
  },
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function lowerCase(text: unknown): unknown {
  return typeof text === 'string' ? text.toLowerCase() : undefined
}

// By hashes, which are of one length: how long it takes says nothing of the secret.
function isSame(given: string | undefined, wanted: string): boolean {
  return given !== undefined && timingSafeEqual(hashOf(given), hashOf(wanted))
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
