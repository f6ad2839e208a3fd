import { isDnsSubdomain } from '../text/index.ts'
import { itemsOf, member, textOf } from '../json/index.ts'
import { podTemplatesOf } from './pod-templates.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** The identity with which the pods of a workload pull their images. */
export interface PodAccess {
  /** `default` if the pod spec names none, as the API server fills it in. */
  readonly serviceAccount: string
  /** Names of secrets in the order of the pod spec, each once; only legal names. */
  readonly pullSecrets: readonly string[]
}

// Each is read from the API server, and people name one or two.
const mostPullSecrets = 20

/**
 * The identity that the object's pod templates name, or the default if the object has another shape. Of several templates the
 * first one's service account counts: they nearly always have the same, and the secrets of another are not known.
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
    // The API server does not check names in a template, and they become part of a URL.
    if (isDnsSubdomain(name)) names.add(name)
    if (names.size === mostPullSecrets) break
  }
  return [...names]
}

const none: readonly string[] = []
