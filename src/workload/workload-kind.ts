/** The resource of a request: its API group, its name, and a subresource or ''. */
export interface Resource {
  readonly group: string
  readonly resource: string
  readonly subresource: string
}

/** A kind of object in any version of its group. */
export interface ObjectKind {
  /** '' is the core group. */
  readonly group: string
  readonly kind: string
}

/** The path of members from an object to its pod templates; `tasks[]` continues in each item of a list. */
export type PodPath = readonly string[]

/** A kind whose objects say which containers run. */
export interface WorkloadKind extends ObjectKind {
  readonly resource: string
  /** The paths of its pod templates; undefined for a pod, which has the pod spec itself and creates no others. */
  readonly templates: readonly PodPath[] | undefined
}

const pod: WorkloadKind = { group: '', resource: 'pods', kind: 'Pod', templates: undefined }
const specTemplate = [['spec', 'template']]
const jobTemplate = [['spec', 'jobTemplate', 'spec', 'template']]

/** Every built-in kind with a pod spec. */
export const workloadKinds: readonly WorkloadKind[] = [
  pod,
  { group: '', resource: 'podtemplates', kind: 'PodTemplate', templates: [['template']] },
  { group: '', resource: 'replicationcontrollers', kind: 'ReplicationController', templates: specTemplate },
  { group: 'apps', resource: 'deployments', kind: 'Deployment', templates: specTemplate },
  { group: 'apps', resource: 'statefulsets', kind: 'StatefulSet', templates: specTemplate },
  { group: 'apps', resource: 'daemonsets', kind: 'DaemonSet', templates: specTemplate },
  { group: 'apps', resource: 'replicasets', kind: 'ReplicaSet', templates: specTemplate },
  { group: 'batch', resource: 'jobs', kind: 'Job', templates: specTemplate },
  { group: 'batch', resource: 'cronjobs', kind: 'CronJob', templates: jobTemplate },
]
const byKind = new Map(workloadKinds.map(kind => [`${kind.group}/${kind.kind}`, kind]))

// Subresources of a pod without a pod in the request, or with one whose images cannot change. Any other one is judged, so that a
// later Kubernetes cannot add a subresource that bypasses the review (as in pod-security-admission).
const imagelessSubresources = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'resize',
  'status',
])

/** The kinds of workload in requests. */
export interface WorkloadKinds {
  /** The kind of the object in a request for this resource; undefined if it is no workload. */
  of(resource: Resource): WorkloadKind | undefined
}

/** The built-in kinds and custom ones; of two with one resource the last counts. */
export function createWorkloadKinds(custom: readonly WorkloadKind[]): WorkloadKinds {
  const byResource = new Map(
    [...custom, ...workloadKinds].map(kind => [`${kind.group}/${kind.resource}`, kind]),
  )
  return {
    of({ group, resource, subresource }) {
      if (subresource === '') return byResource.get(`${group}/${resource}`)
      const carriesPod = group === '' && resource === 'pods' && !imagelessSubresources.has(subresource)
      return carriesPod ? pod : undefined
    },
  }
}

/** The kind that an `apiVersion` (`apps/v1`, `v1`) and a `kind` name. */
export function objectKindOf(apiVersion: string, kind: string): ObjectKind {
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), kind }
}

/** Whether it is a built-in kind with a pod spec. */
export function isWorkloadKind({ group, kind }: ObjectKind): boolean {
  return byKind.has(`${group}/${kind}`)
}

/** The kind of workload that an `apiVersion` and a `kind` name, in any version of the group. */
export function workloadKindNamed(apiVersion: string, kind: string): WorkloadKind | undefined {
  return byKind.get(`${objectKindOf(apiVersion, kind).group}/${kind}`)
}
