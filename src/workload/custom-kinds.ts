import { parsePodPath } from './pod-templates.ts'
import { workloadKinds, type ObjectKind, type WorkloadKind } from './workload-kind.ts'

/** A custom kind whose objects have pod templates, as configured; several entries of a kind add up. */
export interface CustomKind {
  readonly group: string
  readonly kind: string
  /** The plural by which requests name it; derived from the kind if missing. */
  readonly resource?: string
  /** A path as {@link parsePodPath} reads it. */
  readonly podTemplate: string
}

/** The custom kinds that are known without configuration, by the API types of the named projects. A kind that is not installed costs nothing. */
export const shippedKinds: readonly CustomKind[] = [
  // argoproj/argo-rollouts pkg/apis/rollouts/v1alpha1/types.go; with workloadRef there is no template.
  { group: 'argoproj.io', kind: 'Rollout', podTemplate: 'spec.template' },
  // openshift/api apps/v1/types.go
  { group: 'apps.openshift.io', kind: 'DeploymentConfig', podTemplate: 'spec.template' },
  // knative/serving pkg/apis/serving/v1: RevisionSpec inlines a pod spec.
  { group: 'serving.knative.dev', kind: 'Service', podTemplate: 'spec.template' },
  { group: 'serving.knative.dev', kind: 'Configuration', podTemplate: 'spec.template' },
  { group: 'serving.knative.dev', kind: 'Revision', podTemplate: '.' },
  // strimzi/strimzi-kafka-operator api/…/model/podset: a list of whole pods. The operator makes it of a Kafka.
  { group: 'core.strimzi.io', kind: 'StrimziPodSet', podTemplate: 'spec.pods[]' },
  // openkruise/kruise config/crd/bases
  { group: 'apps.kruise.io', kind: 'CloneSet', podTemplate: 'spec.template' },
  { group: 'apps.kruise.io', kind: 'StatefulSet', podTemplate: 'spec.template' },
  { group: 'apps.kruise.io', kind: 'DaemonSet', podTemplate: 'spec.template' },
  { group: 'apps.kruise.io', kind: 'BroadcastJob', podTemplate: 'spec.template' },
  // volcano-sh/apis pkg/apis/batch/v1alpha1/job.go
  { group: 'batch.volcano.sh', kind: 'Job', podTemplate: 'spec.tasks[].template' },
  // kubernetes-sigs/jobset api/jobset/v1alpha2/jobset_types.go: each has the template of a Job.
  { group: 'jobset.x-k8s.io', kind: 'JobSet', podTemplate: 'spec.replicatedJobs[].template.spec.template' },
  // kubernetes-sigs/lws api/leaderworkerset/v1/leaderworkerset_types.go; leaders are workers where they have no template.
  ...several('leaderworkerset.x-k8s.io', 'LeaderWorkerSet', [
    'spec.leaderWorkerTemplate.leaderTemplate',
    'spec.leaderWorkerTemplate.workerTemplate',
  ]),
  // kedacore/keda apis/keda/v1alpha1/scaledjob_types.go: jobTargetRef is the spec of a Job.
  { group: 'keda.sh', kind: 'ScaledJob', podTemplate: 'spec.jobTargetRef.template' },
  // ray-project/kuberay ray-operator/apis/ray/v1
  ...several('ray.io', 'RayCluster', ['spec.headGroupSpec.template', 'spec.workerGroupSpecs[].template']),
  ...several('ray.io', 'RayJob', [
    'spec.rayClusterSpec.headGroupSpec.template',
    'spec.rayClusterSpec.workerGroupSpecs[].template',
    'spec.submitterPodTemplate',
  ]),
  ...several('ray.io', 'RayService', [
    'spec.rayClusterConfig.headGroupSpec.template',
    'spec.rayClusterConfig.workerGroupSpecs[].template',
  ]),
]

function several(group: string, kind: string, paths: readonly string[]): readonly CustomKind[] {
  return paths.map(podTemplate => ({ group, kind, podTemplate }))
}

/** The kinds of the entries, each once, in their order. An invalid path is left out: `config` refuses it. */
export function customKinds(entries: readonly CustomKind[]): readonly WorkloadKind[] {
  const kinds = new Map<string, WorkloadKind>()
  for (const { group, kind, resource = pluralOf(kind), podTemplate } of entries) {
    const path = parsePodPath(podTemplate)
    if (path === undefined) continue
    const known = kinds.get(`${group}/${kind}`)
    kinds.set(`${group}/${kind}`, {
      group,
      kind,
      resource: known?.resource ?? resource,
      templates: [...(known?.templates ?? []), path],
    })
  }
  return [...kinds.values()]
}

/** The workload kinds by group and kind: the built-in ones, those that are shipped, and those of entries. */
export function workloadKindsOf(
  entries: readonly CustomKind[],
): (kind: ObjectKind) => WorkloadKind | undefined {
  const custom = customKinds([...shippedKinds, ...entries])
  const kinds = new Map([...custom, ...workloadKinds].map(kind => [`${kind.group}/${kind.kind}`, kind]))
  return ({ group, kind }) => kinds.get(`${group}/${kind}`)
}

/** The plural as controller-gen derives it: `rollouts`, `proxies`, `meshes`. */
function pluralOf(kind: string): string {
  const singular = kind.toLowerCase()
  if (/(?:s|x|z|ch|sh)$/.test(singular)) return `${singular}es`
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`
}
