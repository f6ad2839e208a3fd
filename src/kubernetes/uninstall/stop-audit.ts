import { at } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { parseLease, type LeaseRecord } from '../leader/lease.ts'
import type { InstalledPlace, UninstallOutcome } from './uninstall-steps.ts'

/** The audit that is to be stopped; times in milliseconds. */
export interface StopAuditOptions extends Pick<InstalledPlace, 'kubeConfig' | 'namespace'> {
  readonly dryRun: boolean
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

const answerLimit = 15_000
/** A leader that ends releases its Lease within three seconds; one that was killed loses it after fifteen. */
const mostLooks = 20
const betweenLooks = 1_000

/**
 * Scales the audit to zero, and waits until it has released its Lease. Its Deployment is not deleted, for it belongs to the
 * manifests: the tool that applied them removes it. Where an outcome has a failure, the audit may still run.
 */
export async function stopAudit(
  options: StopAuditOptions,
  signal: AbortSignal,
): Promise<readonly UninstallOutcome[]> {
  const scaling = { what: 'deployments.apps patchline-audit', does: 'scaled to 0' } as const
  const scaled = await outcomeOf(scaling, () => scale(options, signal), signal)
  if (scaled.failed > 0 || options.dryRun) return [scaled]
  const release = { what: 'leases.coordination.k8s.io patchline-audit', does: 'released' } as const
  return [scaled, await outcomeOf(release, () => untilReleased(options, signal), signal)]
}

/** Runs work that resolves to how many objects it changed; gives its outcome. */
async function outcomeOf(
  step: Pick<UninstallOutcome, 'what' | 'does'>,
  work: () => Promise<number>,
  signal: AbortSignal,
): Promise<UninstallOutcome> {
  try {
    return { ...step, done: await work(), failed: 0, problems: [] }
  } catch (error) {
    if (!(error instanceof KubernetesError) || signal.aborted) throw error
    const isGone = error.code === 'not-found'
    return { ...step, done: 0, failed: isGone ? 0 : 1, problems: isGone ? [] : [error] }
  }
}

async function scale(
  { kubeConfig, namespace, dryRun }: StopAuditOptions,
  signal: AbortSignal,
): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments/patchline-audit`
  const found = await callApi(kubeConfig, { what: 'get deployment patchline-audit', path }, limited(signal))
  if (at(found, ['spec', 'replicas']) === 0) return 0
  if (dryRun) return 1
  const patch = { contentType: 'application/merge-patch+json', body: { spec: { replicas: 0 } } }
  const what = 'scale deployment patchline-audit'
  await callApi(kubeConfig, { what, path: `${path}/scale`, patch }, limited(signal))
  return 1
}

/** Waits until the Lease is released; resolves to 0, as its holder changes it. Rejects with KubernetesError where it is still held. */
async function untilReleased(options: StopAuditOptions, signal: AbortSignal): Promise<number> {
  let renewTime: string | undefined
  let unchanged = 0
  for (let look = 0; look < mostLooks; look += 1) {
    // oxlint-disable eslint/no-await-in-loop -- until it has ended
    const lease = await leaseOf(options, signal)
    // A clock of this machine is not that of the cluster: a Lease has run out if it was not renewed while we looked.
    unchanged = lease.renewTime === renewTime ? unchanged + betweenLooks : 0
    renewTime = lease.renewTime
    if (lease.holder === '' || unchanged >= lease.durationSeconds * 1000) return 0
    await options.sleep(betweenLooks, signal)
    // oxlint-enable eslint/no-await-in-loop
  }
  throw new KubernetesError('conflict', {
    what: 'wait for the release of lease patchline-audit',
    why: `it is still renewed after ${(mostLooks * betweenLooks) / 1000} s`,
  })
}

async function leaseOf(
  { kubeConfig, namespace }: StopAuditOptions,
  signal: AbortSignal,
): Promise<LeaseRecord> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/patchline-audit`
  const what = 'get lease patchline-audit'
  return parseLease(await callApi(kubeConfig, { what, path }, limited(signal)), what).record
}

function limited(signal: AbortSignal): AbortSignal {
  return withTimeout(signal, answerLimit)
}
