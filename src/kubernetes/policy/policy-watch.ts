import type { KubeConfig } from '@kubernetes/client-node'
import { orAborted } from '../../async/index.ts'
import {
  orderPolicies,
  readException,
  readPolicy,
  type PatchException,
  type PatchPolicy,
  type PolicySource,
} from '../../policy/index.ts'
import type { ObservedObjects } from '../../report/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { firstServed } from '../api/resources.ts'
import { withTimeout } from '../api/timing.ts'
import { grantOf, type ListSpec, type ListWatchTiming } from '../watch/list-spec.ts'
import { ListWatch } from '../watch/list-watch.ts'
import { createObjectStore, objectReader, type ObjectStore, type ObjectVersion } from './object-store.ts'

/** What to watch with, and what to report failures to. */
export interface PolicyWatchOptions {
  readonly kubeConfig: KubeConfig
  /** Exceptions in these namespaces only; empty: in all. */
  readonly namespaces: readonly string[]
  /** Called for a failure of a watch, which goes on by itself, and for an object that cannot be read. */
  readonly onProblem: (problem: KubernetesError) => void
  /** Epoch milliseconds: by it exceptions and grace end. */
  readonly now: () => number
  /** For tests; the defaults are those of `defaultTiming`. */
  readonly timing?: Partial<ListWatchTiming>
  /** For tests. */
  readonly most?: Partial<Limits>
}

/** How many objects count. A cluster has a policy for some namespaces, and a namespace an exception for some images. */
interface Limits {
  readonly policies: number
  readonly exceptions: number
  readonly exceptionsInNamespace: number
}

const usualLimits: Limits = { policies: 1_000, exceptions: 10_000, exceptionsInNamespace: 500 }

/** The policies and exceptions of a cluster, kept current. */
export interface WatchedPolicies extends PolicySource {
  /** As they are in the cluster, for their statuses. */
  objects(): ObservedObjects
  /** Resolves when an object is new or says something else, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>
  /** Which rights are missing, as sentences for a person. */
  problems(): readonly string[]
  /** Begins to watch; resolves when both kinds were listed, refused or are not there, or some 5 s later. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Watches PatchPolicies and PatchExceptions. Where the API server does not have the kinds there are none, and they are looked for
 * again. An object that becomes unreadable holds in its last good version.
 */
export function createPolicyWatch(options: PolicyWatchOptions): WatchedPolicies {
  const { now } = options
  let change = Promise.withResolvers<void>()
  const onChange = (): void => {
    change.resolve()
    change = Promise.withResolvers()
  }
  const policies = policyStore({ ...options, onChange })
  const exceptions = exceptionStore({ ...options, onChange })
  const scopes = options.namespaces.length === 0 ? [undefined] : [...new Set(options.namespaces)]
  const closing = new AbortController()
  const parts = { ...options, signal: closing.signal }
  const watches = [
    kindWatch({ resource: 'patchpolicies', namespace: undefined }, policies, parts),
    ...scopes.map(namespace => kindWatch({ resource: 'patchexceptions', namespace }, exceptions, parts)),
  ]
  return {
    policies: () => policies.within(''),
    exceptionsIn: namespace => exceptions.within(namespace),
    now,
    objects: () => ({ policies: policies.all(), exceptions: exceptions.all() }),
    changed: signal => orAborted(change.promise, signal).catch(() => {}),
    problems: () => watches.flatMap(({ refusal }) => refusal.standing()?.message ?? []),
    async start() {
      await Promise.all(watches.map(({ watch }) => watch.start()))
      await Promise.all(watches.map(({ refusal }) => refusal.settled()))
    },
    async close() {
      closing.abort()
      await Promise.all(watches.map(({ watch }) => watch.close()))
      await Promise.all(watches.map(({ refusal }) => refusal.settled()))
    },
  }
}

type StoreParts = Pick<PolicyWatchOptions, 'now' | 'onProblem' | 'most'> & { readonly onChange: () => void }

function policyStore({ most, ...options }: StoreParts): ObjectStore<PatchPolicy> {
  const { policies: limit } = { ...usualLimits, ...most }
  return createObjectStore({
    ...options,
    what: 'patchpolicy',
    read: readPolicy,
    order: orderPolicies,
    most: limit,
    mostInNamespace: limit,
  })
}

function exceptionStore({ most, ...options }: StoreParts): ObjectStore<PatchException> {
  const { exceptions, exceptionsInNamespace } = { ...usualLimits, ...most }
  return createObjectStore({
    ...options,
    what: 'patchexception',
    read: object => readException(object, options.now()),
    order: all => all,
    most: exceptions,
    mostInNamespace: exceptionsInNamespace,
  })
}

interface Listing {
  readonly resource: 'patchpolicies' | 'patchexceptions'
  /** Undefined: all. */
  readonly namespace: string | undefined
}

type WatchParts = PolicyWatchOptions & { readonly signal: AbortSignal }

/** The list and watch of one kind, and whether it is refused. */
interface KindWatch {
  readonly watch: ListWatch<ObjectVersion>
  readonly refusal: Refusal
}

function kindWatch<Read>(listing: Listing, store: ObjectStore<Read>, parts: WatchParts): KindWatch {
  const { kubeConfig, onProblem, timing } = parts
  const sink = store.sink(listing.namespace)
  const refusal = createRefusal(listing, parts)
  const watch = new ListWatch({
    kubeConfig,
    versions: [specOf(listing)],
    sink: {
      ...sink,
      replace(objects) {
        refusal.over()
        sink.replace(objects)
      },
    },
    onProblem(problem) {
      // The definition was removed, and all objects with it: that is no failure.
      if (problem.code === 'not-found') return sink.replace([])
      return problem.code === 'forbidden' ? refusal.note(problem) : onProblem(problem)
    },
    timing: { ...defaultTiming(), ...timing },
  })
  return { watch, refusal }
}

/** A right that is missing, which is told once. */
interface Refusal {
  standing(): KubernetesError | undefined
  note(problem: KubernetesError): void
  over(): void
  /** Resolves when what was noted is told, if it is to be. */
  settled(): Promise<void>
}

/** Creates a refusal, which counts where the kind is there: without a right, one that is not there is refused likewise. */
function createRefusal({ resource }: Listing, { kubeConfig, onProblem, signal }: WatchParts): Refusal {
  let standing: KubernetesError | undefined
  let settled = Promise.resolve()
  const tell = async (problem: KubernetesError): Promise<void> => {
    if (standing !== undefined || !(await isThere(kubeConfig, resource, signal)) || signal.aborted) return
    standing = problem
    onProblem(problem)
  }
  return {
    standing: () => standing,
    note: problem => void (settled = settled.then(() => tell(problem))),
    over: () => void (standing = undefined),
    settled: () => settled,
  }
}

/** A start waits for it; milliseconds. */
const discoveryLimit = 2000

/** Whether the API server has a kind; true also where it does not say. */
async function isThere(
  kubeConfig: KubeConfig,
  resource: Listing['resource'],
  signal: AbortSignal,
): Promise<boolean> {
  const kind = resource === 'patchpolicies' ? 'PatchPolicy' : 'PatchException'
  const wanted = { group: policyGroup, version: policyVersion, resource, kind }
  try {
    return (await firstServed(kubeConfig, [wanted], withTimeout(signal, discoveryLimit))) !== undefined
  } catch (error) {
    if (error instanceof KubernetesError) return true
    throw error
  }
}

/** Where PatchPolicies and PatchExceptions are. */
export const policyGroup = 'patchline.dev'
const policyVersion = 'v1alpha1'
export const policyRoot = `/apis/${policyGroup}/${policyVersion}`

function specOf({ resource, namespace }: Listing): ListSpec<ObjectVersion> {
  const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  return {
    ...objectReader,
    what: namespace === undefined ? resource : `${resource} in ${namespace}`,
    path: `${policyRoot}${inNamespace}/${resource}`,
    grant: grantOf({ group: policyGroup, resource, namespace }),
    pageSize: 250,
    // Twice what counts: past that the list is refused, and what was known before holds.
    mostPages: resource === 'patchpolicies' ? 8 : 80,
  }
}

const defaultTiming = (): ListWatchTiming => ({
  answerLimit: 10_000,
  // Five to ten minutes, as client-go chooses; each watch another, so that they do not all end at once.
  watchSeconds: 300 + Math.floor(Math.random() * 300),
  // Two bookmarks missed.
  silenceLimit: 150_000,
  first: 1000,
  most: 30_000,
  // The server comes up without the API server too: until then the configuration decides alone.
  firstListLimit: 5000,
  // A person who adds a right or the definitions looks for the effect soon after.
  refusal: 60_000,
  absence: 20_000,
})
