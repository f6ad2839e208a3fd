import { createHash } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import { createFairTurns } from '../../async/index.ts'
import type { Access, AccessSource, Requester } from '../../evaluation/index.ts'
import { shown } from '../response/fault.ts'
import { createAccess } from './access.ts'
import { createBriefReader } from './brief-reader.ts'
import { createKeyring } from './keyring.ts'
import { readPullSecret, serviceAccountProblems, type PullSecret, type SecretReader } from './pull-secret.ts'

/** What the access of workloads is made of. */
export interface PullAccessOptions {
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
// Whoever has just created the secret that was missing wants to see it.
const badFor = 30_000
// Once it is older than this many times its life, what is remembered is no longer an answer while another is read.
const mostLives = 2
// One entry for each service account and list of secrets that workloads really use, in a cluster of 20,000 workloads; the oldest go.
const mostEntries = 20_000
// The same requests at once would only make each other wait, and the API server has others to serve.
const mostAtOnce = 8

// Nobody needs as many, and each costs a request: the list is text that anybody may write.
const mostSecrets = 20

interface Entry extends Reading {
  readonly readAt: number
  readonly life: number
}

/**
 * The access of workloads by the pull secrets of their pods, then by those of their service accounts; each secret is used for its own
 * namespace only. Kept for five minutes, and for half a minute where something is wrong with it.
 */
export function createPullAccess(given: PullAccessOptions): AccessSource {
  const { now, random = Math.random } = given
  const options = { ...given, secrets: createBriefReader(given.secrets, now) }
  const entries = new LRUCache<string, Entry>({ max: mostEntries })
  const underWay = new Map<string, Promise<Access>>()
  const turns = createFairTurns(mostAtOnce)

  async function read(key: string, requester: Requester): Promise<Access> {
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

  function readOnce(key: string, requester: Requester): Promise<Access> {
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

async function readAll(requester: Requester, options: PullAccessOptions): Promise<Reading> {
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
  return { access: createAccess(namespace, keyrings, problems), content }
}

async function readSecrets(
  names: readonly string[],
  namespace: string,
  { secrets, reader }: PullAccessOptions,
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
