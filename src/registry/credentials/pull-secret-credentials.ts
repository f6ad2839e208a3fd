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
  /** The service account that reads the secrets, for the commands that allow it: `namespace:name`. Undefined where a person does. */
  readonly reader?: string
}

// A secret that was rotated or taken away is out of use after twice as long at most; 1,000 workloads then cost a few requests a second.
const goodFor = 300_000
// Short, so that a secret which was just created is used soon.
const badFor = 30_000
// Once it is older than this many times its life, what is remembered is no longer an answer while another is read.
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
 * The access of workloads by the pull secrets of their pods, then by those of their service accounts; each secret is used for its own
 * namespace only. Kept for five minutes, and for half a minute where something is wrong with it.
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
      // The same object for the same content: what was made of it still holds.
      const access = before?.content === reading.content ? before.access : reading.access
      const life = access.problems.length === 0 ? goodFor : badFor
      // A tenth at random: what was read together is not read together again.
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
  /** The same for the same content, and not the content. */
  readonly content: string
}

async function readAll(requester: PullIdentity, options: PullSecretCredentialsOptions): Promise<Reading> {
  const { namespace, serviceAccount } = requester
  const label = `${namespace}/${shown(serviceAccount)}`
  const [pod, account] = await Promise.all([
    readSecrets(requester.pullSecrets, namespace, options),
    options.secrets.serviceAccount(namespace, serviceAccount),
  ])
  // A pod carries those of its service account already: the API server copied them.
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
  // An empty name is legal, and none.
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

// What a workload may know is kept for five minutes: that much longer it takes until what was changed shows.
const keptFor = 60_000
// Where a secret is missing that is half a minute.
const keptMissing = 20_000
// One for each namespace of a large cluster.
const max = 20_000

/**
 * The same reader, which asks once within a minute for a secret that many workloads of a namespace name, and for no further service
 * accounts of a namespace where one may not be read: the right to that is one to all of them, and the manifests come without it.
 * A cycle over 20,000 workloads would ask fifteen thousand times instead of a thousand.
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
