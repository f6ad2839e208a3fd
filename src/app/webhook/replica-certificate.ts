import {
  CertificateError,
  createLeafRequest,
  readLeaf,
  readPaths,
  servingUsages,
  type AuthorityTiming,
  type Leaf,
} from '../../certificates/index.ts'
import {
  KubernetesError,
  type CertificateRequester,
  type NamedSecret,
  type RequestOutcome,
} from '../../kubernetes/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { pause } from '../process/timing.ts'

/** What a replica gets its certificate and its paths from, and to whom it hands them. */
export interface ReplicaParts {
  readonly requester: CertificateRequester
  readonly signerName: string
  /** The DNS names of the webhook's Service. */
  readonly names: readonly string[]
  /** Of the secret paths. */
  readonly paths: NamedSecret
  readonly timing: AuthorityTiming
  readonly log: Logger
  readonly onLeaf: (leaf: Leaf) => void
  readonly onPaths: (paths: readonly string[]) => void
  /** Once, when the API server has said who this process is. */
  readonly onUsername: (username: string) => void
}

/** What a replica of the webhook serves by: a certificate that it requests and renews, and the secret paths. */
export interface ReplicaCertificate {
  /** Why it cannot serve; empty where it can. */
  problems(): readonly string[]
  close(): Promise<void>
}

/** Begins to request and to renew, by the wall clock: a timer does not count while a machine is suspended. */
export function startReplicaCertificate(parts: ReplicaParts): ReplicaCertificate {
  const closing = new AbortController()
  const leaf = createLeafKeeper(parts, closing.signal)
  const paths = createPathsKeeper(parts, closing.signal)
  const running = [repeat(leaf.look, parts, closing.signal), repeat(paths.look, parts, closing.signal)]
  return {
    problems: () => [...leaf.problems(), ...paths.problems()],
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}

/** A look: what is due is done; resolves to the milliseconds until the next one. */
type Look = () => Promise<number>

const afterFailure = 500
const longestAfterFailure = 15_000

async function repeat(look: Look, { log }: ReplicaParts, signal: AbortSignal): Promise<void> {
  let failures = 0
  let last = ''
  while (!signal.aborted) {
    let wait = 0
    // oxlint-disable eslint/no-await-in-loop -- one look after the other
    try {
      wait = await look()
      failures = 0
    } catch (error) {
      if (!(error instanceof KubernetesError) && !(error instanceof CertificateError)) throw error
      wait = Math.min(afterFailure * 2 ** failures, longestAfterFailure)
      failures += 1
      if (!signal.aborted && error.message !== last) log.warn({ reason: error.message }, 'no certificate yet')
      last = error.message
    }
    await pause(Math.max(wait, shortestPause), signal)
    // oxlint-enable eslint/no-await-in-loop
  }
}

const shortestPause = 50

interface Keeper {
  readonly look: Look
  readonly problems: () => readonly string[]
}

interface Asked {
  readonly name: string
  readonly key: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** The cluster removes a request that nothing has answered after a day. */
const longestPending = 3_600_000
/** Milliseconds between two looks at a request: a leader answers in a few of them, and a new one is there after 17 s. */
const pendingLook = 250

function createLeafKeeper(parts: ReplicaParts, signal: AbortSignal): Keeper {
  const { requester, names, log, timing } = parts
  let leaf: Leaf | undefined
  let asked: Asked | undefined
  let problem = ''
  const isServable = (): boolean => leaf !== undefined && Date.now() < leaf.expiresAt
  const take = (outcome: RequestOutcome, { name, key, at }: Asked): number => {
    if (outcome.outcome !== 'pending') asked = undefined
    switch (outcome.outcome) {
      case 'pending':
        problem = `request ${name} has no answer yet: the log of the replica that holds the lease patchline-authority says why`
        if (Date.now() - at > longestPending) asked = undefined
        return pendingLook
      case 'gone':
        return 0
      case 'denied':
        problem = `request ${name} was denied: ${outcome.why}`
        log.error({ request: name, reason: outcome.why }, 'certificate denied')
        return longestAfterFailure
      case 'issued':
        leaf = readLeaf(outcome.certificate, { key, names }, Date.now())
        problem = ''
        parts.onLeaf(leaf)
        return 0
    }
  }
  return {
    problems: () =>
      isServable() ? [] : [`no serving certificate: ${problem === '' ? 'requesting one' : problem}`],
    async look() {
      if (leaf !== undefined && Date.now() < leaf.renewAt)
        return Math.min(timing.look, leaf.renewAt - Date.now())
      asked ??= await ask(parts, signal)
      return take(await requester.outcome(asked.name, signal), asked)
    },
  }
}

async function ask(
  { requester, signerName, names, timing, onUsername }: ReplicaParts,
  signal: AbortSignal,
): Promise<Asked> {
  const { key, request } = await createLeafRequest(names)
  const asked = { signerName, usages: servingUsages, request, lifetime: timing.leaf }
  const { name, username } = await requester.create(asked, signal)
  onUsername(username)
  return { name, key, at: Date.now() }
}

function createPathsKeeper(
  { paths: secret, timing, log, onPaths }: ReplicaParts,
  signal: AbortSignal,
): Keeper {
  let known = ''
  let problem = ''
  return {
    problems: () => (known === '' ? [`no secret path: ${problem}`] : []),
    async look() {
      const stored = readPaths((await secret.read(signal))?.data ?? {})
      switch (stored.kind) {
        case 'none':
          problem = 'the replica that holds the lease patchline-authority has yet to make it'
          return known === '' ? pendingLook : timing.look
        case 'broken':
          problem = stored.problem.message
          return timing.look
        case 'usable': {
          const text = stored.paths.join('\n')
          if (text !== known) onPaths(stored.paths)
          if (text !== known) log.info({ paths: stored.paths.length }, 'paths of the webhook replaced')
          known = text
          return timing.look
        }
      }
    },
  }
}
