// The objects of the cluster as an API server lists them, managedFields and all, as text: made when they are asked for.
import { templateOf } from './templates.ts'
import {
  imageOf,
  namespaceOf,
  ownerOf,
  podsPerWorkload,
  sidecarOf,
  uidOf,
  type Owner,
  type WorldSize,
} from './world.ts'

/** The objects of one kind by their number. */
export interface Kind {
  readonly count: number
  /** JSON. */
  object(at: number, resourceVersion: number): string
}

/** Every kind that is listed by its path; those that are not here have no objects. */
export function kindsOf(size: WorldSize, namespaces: number): ReadonlyMap<string, Kind> {
  const of = (owner: Owner): readonly number[] =>
    Array.from({ length: size.workloads }, (_, at) => at).filter(at => ownerOf(at) === owner)
  const [deployments, cronJobs] = [of('Deployment'), of('CronJob')]
  return new Map([
    ['/apis/apps/v1/deployments', workloads('Deployment', deployments, size)],
    ['/apis/apps/v1/statefulsets', workloads('StatefulSet', of('StatefulSet'), size)],
    ['/apis/apps/v1/daemonsets', workloads('DaemonSet', of('DaemonSet'), size)],
    ['/apis/batch/v1/cronjobs', workloads('CronJob', cronJobs, size)],
    ['/apis/apps/v1/replicasets', owned('ReplicaSet', { of: deployments, each: revisions }, size)],
    ['/apis/batch/v1/jobs', owned('Job', { of: cronJobs, each: podsPerWorkload }, size)],
    ['/api/v1/pods', pods(size)],
    ['/api/v1/namespaces', { count: namespaces, object: namespaceObject }],
  ])
}

/** Replica sets of a deployment, the one in use included: what three rollouts leave. */
export const revisions = 3

const nameOf = (workload: number): string => `app-${String(workload).padStart(5, '0')}`

function fieldsFor(workload: number, size: WorldSize): Readonly<Record<string, string>> {
  const [main, sidecar] = [imageOf(workload, size), sidecarOf(workload, size)]
  return {
    NS: namespaceOf(workload),
    APP: nameOf(workload),
    // Half have a service account of their own, a third a pull secret.
    ACCOUNT: workload % 2 === 0 ? 'default' : nameOf(workload),
    SECRETS: workload % 3 === 0 ? '[{"name":"registry"}]' : '[]',
    IMAGE: main.image,
    DIGEST: main.digest,
    SIDEIMAGE: sidecar?.image ?? '',
    SIDEDIGEST: sidecar?.digest ?? '',
  }
}

const hasSidecar = (workload: number): boolean => workload % 4 === 0

function workloads(kind: Owner, numbers: readonly number[], size: WorldSize): Kind {
  const [alone, both] = [templateOf(kind, false), templateOf(kind, true)]
  return {
    count: numbers.length,
    object(at, resourceVersion) {
      const workload = numbers[at] ?? 0
      const own = {
        NAME: nameOf(workload),
        UID: uidOf(`${kind} ${workload}`),
        RV: String(resourceVersion),
        OWNERS: '[]',
      }
      return (hasSidecar(workload) ? both : alone)({ ...fieldsFor(workload, size), ...own, REPLICAS: '5' })
    },
  }
}

interface Owned {
  readonly of: readonly number[]
  /** How many each owner has; the last is the one in use. */
  readonly each: number
}

function owned(kind: 'ReplicaSet' | 'Job', { of: owners, each }: Owned, size: WorldSize): Kind {
  const owner = kind === 'ReplicaSet' ? 'Deployment' : 'CronJob'
  const [alone, both] = [templateOf(kind, false), templateOf(kind, true)]
  return {
    count: owners.length * each,
    object(at, resourceVersion) {
      const workload = owners[Math.floor(at / each)] ?? 0
      const own = {
        NAME: `${nameOf(workload)}-${revisionOf(at % each)}`,
        UID: uidOf(`${kind} ${workload} ${at % each}`),
        RV: String(resourceVersion),
        OWNERS: ownersText(owner, nameOf(workload), uidOf(`${owner} ${workload}`)),
        REPLICAS: at % each === each - 1 ? '5' : '0',
      }
      return (hasSidecar(workload) ? both : alone)({ ...fieldsFor(workload, size), ...own })
    },
  }
}

const revisionOf = (revision: number): string => `${revision}f7d9c8b6`

function pods(size: WorldSize): Kind {
  const [alone, both] = [templateOf('Pod', false), templateOf('Pod', true)]
  return {
    count: size.workloads * podsPerWorkload,
    object(at, resourceVersion) {
      const workload = Math.floor(at / podsPerWorkload)
      const ordinal = at % podsPerWorkload
      const owner = podOwner(workload, ordinal)
      const own = {
        NAME: `${owner.name}-${uidOf(`name ${at}`).slice(0, 5)}`,
        UID: uidOf(`Pod ${at}`),
        RV: String(resourceVersion),
        OWNERS: ownersText(owner.kind, owner.name, owner.uid),
        PHASE: owner.kind === 'Job' ? 'Succeeded' : 'Running',
      }
      return (hasSidecar(workload) ? both : alone)({ ...fieldsFor(workload, size), ...own })
    },
  }
}

function podOwner(workload: number, ordinal: number) {
  const kind = ownerOf(workload)
  const made = (owner: string, revision: number) => ({
    kind: owner,
    name: `${nameOf(workload)}-${revisionOf(revision)}`,
    uid: uidOf(`${owner} ${workload} ${revision}`),
  })
  if (kind === 'Deployment') return made('ReplicaSet', revisions - 1)
  if (kind === 'CronJob') return made('Job', ordinal)
  return { kind, name: nameOf(workload), uid: uidOf(`${kind} ${workload}`) }
}

function ownersText(kind: string, name: string, uid: string): string {
  const apiVersion = kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1'
  const reference = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  return JSON.stringify([reference])
}

function namespaceObject(at: number, resourceVersion: number): string {
  const name = `team-${String(at).padStart(4, '0')}`
  const labels = { 'kubernetes.io/metadata.name': name, 'example.com/cost-center': String(at % 17) }
  const metadata = { name, uid: uidOf(name), resourceVersion: String(resourceVersion), labels }
  return JSON.stringify({ metadata, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
}
