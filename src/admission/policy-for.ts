import type { Patience } from '../evaluation/index.ts'
import { resolvePolicy, type Policy, type ResolvedPolicy } from '../policy/index.ts'
import { annotationsOf } from '../workload/index.ts'
import type { Labels, NamespaceLabels } from './ports.ts'
import type { AdmissionRequest } from './review.ts'

export interface PolicySources {
  readonly namespaces: NamespaceLabels
  readonly patience: Patience
  readonly settings: { readonly defaults: Policy; readonly ownNamespace: string }
}

/** The policy for a request's object, and what is left of the budget (milliseconds). */
export interface PolicyFor {
  readonly policy: ResolvedPolicy
  readonly left: number
}

/**
 * At once where the labels are in memory. Else they may take half of the budget, and the defaults hold where they do not
 * come.
 */
export function policyFor(
  request: AdmissionRequest,
  budget: number,
  sources: PolicySources,
): PolicyFor | Promise<PolicyFor> {
  const { namespace } = request
  const asked = namespace === '' ? undefined : sources.namespaces.labelsOf(namespace)
  if (!(asked instanceof Promise)) return policyBy(asked, request, { budget, sources })
  const share = budget / 2
  return sources.patience
    .wait(asked.catch(noLabels), share)
    .then(labels => policyBy(labels, request, { budget: budget - share, sources }))
}

function policyBy(
  labels: Labels | undefined,
  { namespace, object }: AdmissionRequest,
  { budget, sources }: { readonly budget: number; readonly sources: PolicySources },
): PolicyFor {
  const { defaults, ownNamespace } = sources.settings
  const policy = resolvePolicy(defaults, labels ?? {}, annotationsOf(object))
  return { policy: withoutRefusal(policy, namespace, ownNamespace), left: budget }
}

// What a cluster needs to come up, and to tell its nodes alive.
const neverRefused: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

/** Nothing is refused where a refusal could keep the cluster, or Patchline itself, from healing. */
function withoutRefusal(policy: ResolvedPolicy, namespace: string, ownNamespace: string): ResolvedPolicy {
  const spared = neverRefused.has(namespace) || namespace === ownNamespace
  return policy.mode === 'enforce' && spared ? { ...policy, mode: 'warn' } : policy
}

function noLabels(): Labels | undefined {
  return undefined
}
