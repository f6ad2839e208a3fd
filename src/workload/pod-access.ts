import { isDnsSubdomain } from '../text/index.ts'
import { itemsOf, member, textOf } from '../json/index.ts'
import { podTemplatesOf } from './pod-templates.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** What the pods of a workload pull as. */
export interface PodAccess {
  /** `default` where the pod spec names none, as the API server fills it in. */
  readonly serviceAccount: string
  /** Names of secrets in the order of the pod spec, each once; only such as a secret may have. */
  readonly pullSecrets: readonly string[]
}

// Each is read from the API server, and people name one or two.
const mostPullSecrets = 20

/**
 * What the object's pod templates say about pulling its images; none of it where the object has no such shape. Of several
 * templates the first one's service account counts: they nearly always have the same, and another's secrets are not known.
 */
export function podAccessOf(kind: WorkloadKind, object: unknown): PodAccess {
  const podSpecs = podTemplatesOf(kind, object).map(({ template }) => member(template, 'spec'))
  return { serviceAccount: serviceAccountOf(podSpecs[0]), pullSecrets: pullSecretsOf(podSpecs) }
}

// The older name of the field still counts where the newer one is empty (k8s.io/kubernetes core/v1 conversion).
function serviceAccountOf(podSpec: unknown): string {
  const names = [member(podSpec, 'serviceAccountName'), member(podSpec, 'serviceAccount')].map(textOf)
  return names.find(isDnsSubdomain) ?? 'default'
}

function pullSecretsOf(podSpecs: readonly unknown[]): readonly string[] {
  const items = podSpecs.flatMap(podSpec => itemsOf(member(podSpec, 'imagePullSecrets')))
  if (items.length === 0) return none
  const names = new Set<string>()
  for (const item of items) {
    const name = textOf(member(item, 'name'))
    // The API server does not look at names in a template, and they become part of a URL.
    if (isDnsSubdomain(name)) names.add(name)
    if (names.size === mostPullSecrets) break
  }
  return [...names]
}

const none: readonly string[] = []
