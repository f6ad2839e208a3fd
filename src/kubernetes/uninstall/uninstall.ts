import { workloadKinds } from '../../workload/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { createRateLimiter, withTimeout } from '../api/timing.ts'
import { stopAudit } from './stop-audit.ts'
import {
  annotationStep,
  certificateSteps,
  nameOf,
  recordSteps,
  resourcesOfRules,
  webhookSteps,
  type InstalledPlace,
  type ResourceName,
  type UninstallOutcome,
  type UninstallStep,
} from './uninstall-steps.ts'

/** The options of the removal; times in milliseconds. */
export interface UninstallOptions extends InstalledPlace {
  /** Custom resources whose objects may be annotated, besides those that the webhooks' rules name. */
  readonly resources: readonly ResourceName[]
  /** Ends when the webhooks are gone: what is written stays, and the audit goes on. */
  readonly webhooksOnly: boolean
  /** Only lists what would be removed. */
  readonly dryRun: boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Called before the first of many requests, which are sent at a limited rate. */
  readonly onBegin: (step: Pick<UninstallStep, 'what' | 'does'>, count: number) => void
  readonly onStep: (outcome: UninstallOutcome) => void
}

/**
 * Each request is a new generation of a workload that controllers, GitOps tools and watches process: not thousands in a
 * minute.
 */
const perSecond = 20
const answerLimit = 15_000
/** API servers learn by a watch that a webhook is gone: until then they call it, and it would annotate cleared objects again. */
const untilKnown = 3_000

/**
 * Removes what Patchline has written into a cluster: first the webhooks, or they would write it again; then the audit is scaled
 * to zero for the same reason, and what it wrote stays where that fails. An object that is gone already is no failure, and a
 * failure does not end the removal. Only Patchline's own objects are touched, found by labels and names, and two annotations.
 * Throws KubernetesError where the cluster cannot be reached at all.
 */
export async function uninstall(options: UninstallOptions, signal: AbortSignal): Promise<void> {
  const named = options.webhooksOnly ? [] : await resourcesOfRules(options, signal)
  const pace = createRateLimiter({ ...options, perSecond }, signal)
  const take: Take = step => takeAway(step, { ...options, pace }, signal)
  const isQuiet = await removeWebhooks(options, take, signal)
  if (!options.webhooksOnly) await removeWritten({ ...options, isQuiet, named }, take, signal)
}

type Take = (step: UninstallStep) => Promise<UninstallOutcome>

/** Resolves to whether no webhook is left that would annotate objects again. */
async function removeWebhooks(options: UninstallOptions, take: Take, signal: AbortSignal): Promise<boolean> {
  let isQuiet = true
  let isNews = false
  for (const step of webhookSteps(options)) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, in this and the loops below
    const outcome = await take(step)
    isQuiet &&= outcome.problems.length === 0
    isNews ||= outcome.done > 0 && !options.dryRun
    options.onStep(outcome)
  }
  if (isNews) await options.sleep(untilKnown, signal)
  return isQuiet
}

interface Written extends UninstallOptions {
  /** Whether no webhook is left. */
  readonly isQuiet: boolean
  /** The resources that the rules of the webhooks named. */
  readonly named: readonly ResourceName[]
}

async function removeWritten(options: Written, take: Take, signal: AbortSignal): Promise<void> {
  const { kubeConfig, onStep, isQuiet } = options
  const takeIf = async (
    may: boolean,
    step: UninstallStep,
    why: typeof stillAsked,
  ): Promise<UninstallOutcome> => (may ? take(step) : { ...step, done: 0, failed: 1, problems: [why(step)] })
  const stopped = await stopAudit(options, signal)
  for (const outcome of stopped) onStep(outcome)
  const isEnded = stopped.every(({ failed }) => failed === 0)
  // oxlint-disable eslint/no-await-in-loop
  const custom = unique(
    [...options.resources, ...options.named].filter(resource => !builtIn.has(nameOf(resource))),
  )
  for (const resource of [...custom, ...parentsFirst]) {
    const step = annotationStep(kubeConfig, resource)
    onStep(await takeIf(isQuiet, step, stillAsked))
  }
  for (const step of recordSteps(options)) onStep(await takeIf(isEnded, step, stillRuns))
  for (const step of certificateSteps(options)) onStep(await take(step))
  // oxlint-enable eslint/no-await-in-loop
}

function stillRuns({ what }: UninstallStep): KubernetesError {
  return new KubernetesError('conflict', {
    what: `delete ${what}`,
    why: 'the audit may still run and would write them again',
    next: 'end it first',
  })
}

function stillAsked({ what }: UninstallStep): KubernetesError {
  return new KubernetesError('conflict', {
    what: `clear ${what} of annotations`,
    why: 'a webhook is still there and would write them again',
    next: 'remove it first',
  })
}

const builtIn = new Set(workloadKinds.map(nameOf))

// Controllers copy annotations of Deployments to ReplicaSets: the original is cleared first, or the copy comes back.
const children = new Set(['replicasets', 'jobs', 'pods'])
const parentsFirst = [
  ...workloadKinds.filter(({ resource }) => !children.has(resource)),
  ...workloadKinds.filter(({ resource }) => children.has(resource)),
]

function unique(resources: readonly ResourceName[]): readonly ResourceName[] {
  return [...new Map(resources.map(resource => [nameOf(resource), resource])).values()]
}

interface Paced extends UninstallOptions {
  readonly pace: () => Promise<void>
}

async function takeAway(step: UninstallStep, options: Paced, signal: AbortSignal): Promise<UninstallOutcome> {
  const { kubeConfig, dryRun, pace, onBegin } = options
  const problems = new Map<string, KubernetesError>()
  let done = 0
  let failed = 0
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof KubernetesError) || signal.aborted) throw error
      // Another client was faster, or the kind is not installed.
      if (error.code === 'not-found') return
      failed += 1
      if (!problems.has(error.code)) problems.set(error.code, error)
    }
  }
  await attempt(async () => {
    const requests = await step.find(signal)
    if (requests.length > perSecond && !dryRun) onBegin(step, requests.length)
    for (const request of requests)
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, and not too fast
      await attempt(async () => {
        if (!dryRun) {
          await pace()
          await callApi(kubeConfig, request, withTimeout(signal, answerLimit))
        }
        done += 1
      })
  })
  return { ...step, done, failed, problems: [...problems.values()] }
}
