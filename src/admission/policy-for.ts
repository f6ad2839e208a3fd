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

/** The policy for a request's object, the annotations it was read from, and what is left of the budget (milliseconds). */
export interface PolicyFor {
  readonly policy: ResolvedPolicy
  readonly annotations: Readonly<Record<string, string>>
  readonly left: number
}

/** Labels that are not in memory may take half of the budget; the defaults hold where they do not come. */
export async function policyFor(
  { namespace, object }: AdmissionRequest,
  budget: number,
  { namespaces, patience, settings }: PolicySources,
): Promise<PolicyFor> {
  const { defaults, ownNamespace } = settings
  const annotations = annotationsOf(object)
  const asked = namespace === '' ? undefined : namespaces.labelsOf(namespace)
  const share = asked instanceof Promise ? budget / 2 : 0
  const labels = asked instanceof Promise ? await patience.wait(asked.catch(noLabels), share) : asked
  const policy = resolvePolicy(defaults, labels ?? {}, annotations)
  return { policy: withoutRefusal(policy, namespace, ownNamespace), annotations, left: budget - share }
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
