import { resolvePolicy, type Policy, type ResolvedPolicy } from '../policy/index.ts'
import { annotationsOf } from '../workload/index.ts'
import type { Labels } from './ports.ts'
import type { AdmissionRequest } from './review.ts'

/** What the configuration says about policies. */
export interface PolicySettings {
  readonly defaults: Policy
  /** Nothing in it is refused: Patchline must be able to start. */
  readonly ownNamespace: string
}

/** The policy for a request's object, by the labels of its namespace; the defaults hold where there are none. */
export function policyBy(
  labels: Labels | undefined,
  { namespace, object }: AdmissionRequest,
  { defaults, ownNamespace }: PolicySettings,
): ResolvedPolicy {
  const policy = resolvePolicy(defaults, labels ?? {}, annotationsOf(object))
  return withoutRefusal(policy, namespace, ownNamespace)
}

// What a cluster needs to come up, and to tell its nodes alive.
const neverRefused: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

/** Nothing is refused where a refusal could keep the cluster, or Patchline itself, from healing. */
function withoutRefusal(policy: ResolvedPolicy, namespace: string, ownNamespace: string): ResolvedPolicy {
  const spared = neverRefused.has(namespace) || namespace === ownNamespace
  return policy.mode === 'enforce' && spared ? { ...policy, mode: 'warn' } : policy
}
