import { createHash } from 'node:crypto'

import { createBoundedMap, createExpiringMap, createFairTurns } from '../../async/index.ts'
import type { Access, AccessSource, PullIdentity } from '../../evaluation/index.ts'
import { shown } from '../response/registry-error.ts'
import { createCredentials, createKeyring } from './keyring.ts'
import { readPullSecret, serviceAccountProblems, type PullSecret, type SecretReader } from './pull-secret.ts'

/** The options of credentials from pull secrets. */
export interface PullSecretCredentialsOptions {
  readonly secrets: SecretReader
  /** In epoch milliseconds. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random?: () => number
  /** The service account that reads the secrets, for messages with commands: `namespace:name`. Undefined if a person does. */
  readonly reader?: string
}

// A secret that was rotated or taken away is out of use after twice as long at most; 1,000 workloads then cost a few requests a second.
const goodFor = 300_000
// Short, so that a new secret is used soon.
const badFor = 30_000
// An access older than this many times its life is not used while a new one is read.
const mostLives = 2
// One entry for each service account and list of secrets that workloads really use, in a cluster of 20,000 workloads; the oldest go.
const mostEntries = 20_000
// The same requests at once would only make each other wait, and the API server has others to serve.
const mostAtOnce = 8

// Far more than any workload needs; each costs a request, and the list is text from outside.
const mostSecrets = 20

interface Entry extends Reading {
  readonly readAt: number
  readonly life: number
}

/**
 * Creates an access source that uses the pull secrets of a workload's pods, then those of its service account, each only in its own
 * namespace. An access is cached for five minutes, and for half a minute if it has problems.
 */
export function createPullSecretCredentials(given: PullSecretCredentialsOptions): AccessSource {
  const { now, random = Math.random } = given
  const options = { ...given, secrets: createCachedReader(given.secrets, now) }
  const entries = createBoundedMap<Entry>(mostEntries)
  const underWay = new Map<string, Promise<Access>>()
  const turns = createFairTurns(mostAtOnce)

  async function read(key: string, requester: PullIdentity): Promise<Access> {
    try {
      const reading = await turns.take(requester.namespace, () => readAll(requester, options))
      const before = entries.get(key)
      // The same object for the same content, so that values derived from it stay valid.
      const access = before?.content === reading.content ? before.access : reading.access
      const life = access.problems.length === 0 ? goodFor : badFor
      // A random tenth, so that accesses read together are not refreshed together.
      entries.set(key, { ...reading, access, readAt: now(), life: life * (1 - random() / 10) })
      return access
    } finally {
      underWay.delete(key)
    }
  }

  function readOnce(key: string, requester: PullIdentity): Promise<Access> {
    const reading = underWay.get(key) ?? read(key, requester)
    underWay.set(key, reading)
    return reading
  }

  return {
    accessOf(requester) {
      const key = JSON.stringify([requester.namespace, requester.serviceAccount, requester.pullSecrets])
      const entry = entries.get(key)
      const age = entry === undefined ? 0 : now() - entry.readAt
      if (entry === undefined || age >= entry.life * mostLives) return readOnce(key, requester)
      if (age >= entry.life) readOnce(key, requester).catch(() => undefined)
      return entry.access
    },
  }
}

interface Reading {
  readonly access: Access
  /** A hash of the content. */
  readonly content: string
}

async function readAll(requester: PullIdentity, options: PullSecretCredentialsOptions): Promise<Reading> {
  const { namespace, serviceAccount } = requester
  const label = `${namespace}/${shown(serviceAccount)}`
  const [pod, account] = await Promise.all([
    readSecrets(requester.pullSecrets, namespace, options),
    options.secrets.serviceAccount(namespace, serviceAccount),
  ])
  // The API server copies the secrets of the service account into a pod.
  const named = new Set(requester.pullSecrets)
  const more = account.kind === 'found' ? account.pullSecrets.filter(name => !named.has(name)) : []
  const accounts = await readSecrets(more, namespace, options)
  const problems = [...pod.problems, ...serviceAccountProblems(account, label), ...accounts.problems]
  const keyrings = [createKeyring(pod.entries), createKeyring(accounts.entries)]
  const content = createHash('sha256')
    .update(JSON.stringify([pod, accounts, problems]))
    .digest('base64')
  return { access: createCredentials(namespace, keyrings, problems), content }
}

async function readSecrets(
  names: readonly string[],
  namespace: string,
  { secrets, reader }: PullSecretCredentialsOptions,
): Promise<PullSecret> {
  // An empty name is legal and means no secret.
  const distinct = [...new Set(names)].filter(name => name !== '')
  const read = await Promise.all(
    distinct
      .slice(0, mostSecrets)
      .map(async name =>
        readPullSecret(await secrets.pullSecret(namespace, name), { namespace, name, reader }),
      ),
  )
  const tooMany = `${distinct.length} pull secrets are named in ${namespace}, of which ${mostSecrets} are read; name fewer`
  return {
    entries: read.flatMap(({ entries }) => entries),
    problems: [
      ...read.flatMap(({ problems }) => problems),
      ...(distinct.length > mostSecrets ? [tooMany] : []),
    ],
  }
}

// Added to the five minutes of an access: the delay until a change takes effect.
const keptFor = 60_000
// Added to the half minute of an access with problems.
const keptMissing = 20_000
// One for each namespace of a large cluster.
const max = 20_000

/**
 * Creates a reader that caches secrets for a minute. After a refusal it reads no other service account of that namespace: one right
 * covers all of them, and by default the manifests do not grant it. Without the cache, a cycle over 20,000 workloads would send
 * 15,000 requests instead of 1,000.
 */
export function createCachedReader(inner: SecretReader, now: () => number): SecretReader {
  const secrets = createExpiringMap<ReturnType<SecretReader['pullSecret']>>({ max, now })
  const refusals = createExpiringMap<ReturnType<SecretReader['serviceAccount']>>({ max, now })
  return {
    async pullSecret(namespace, name) {
      const key = JSON.stringify([namespace, name])
      const known = secrets.get(key)
      if (known !== undefined) return known
      const reading = inner.pullSecret(namespace, name)
      secrets.set(key, reading, now() + keptFor)
      const answer = await reading
      if (answer.kind !== 'found') secrets.set(key, reading, now() + keptMissing)
      return answer
    },
    async serviceAccount(namespace, name) {
      const known = refusals.get(namespace)
      if (known !== undefined) return known
      const answer = await inner.serviceAccount(namespace, name)
      if (answer.kind === 'forbidden') refusals.set(namespace, Promise.resolve(answer), now() + keptFor)
      return answer
    },
  }
}
