import { controllersOf, type ObjectKind, type WorkloadKind } from '../../workload/index.ts'
import type { AdmissionRequest } from './review.ts'

/**
 * What a request is to the controller that its object names as its owner (`controller: true`):
 * - `built-in`: a controller of Kubernetes itself, by its own account, in what it makes. Nothing of it is judged: what
 *   it makes was judged where a person wrote it, and a cluster heals by it.
 * - `child`: a service account, or a user that the configuration names, creates the object. An operator makes it of
 *   something that it was told elsewhere: it is judged and told, never refused.
 * - `none`: all else. What the request brings in is judged, also if a controller sends it: one that changes an object on
 *   behalf of a person (`deprecated.deployment.rollback.to`) does what that person may not.
 *
 * Any client can write an owner reference, so it counts only together with the account. A client that holds the token
 * of a service account, or may impersonate one, can pass as `child`.
 */
export type Parentage = 'built-in' | 'child' | 'none'

/** The parentage of a request; `controllers` are the names of users that the configuration trusts to be controllers. */
export function parentageOf(
  kind: WorkloadKind,
  { operation, object, resource, user }: AdmissionRequest,
  controllers: readonly string[],
): Parentage {
  const owners = controllersOf(object)
  if (owners.length === 0) return 'none'
  if (owners.some(owner => isBuiltInPair(kind, owner, user.name))) return 'built-in'
  // Another subresource of a later Kubernetes creates no object: it changes one that is there.
  if (operation !== 'CREATE' || resource.subresource !== '') return 'none'
  return isAccount(user.name) || controllers.includes(user.name) ? 'child' : 'none'
}

/** Whether a user counts as a controller of Kubernetes itself, or as one that the configuration names. */
export function isController(user: string, controllers: readonly string[]): boolean {
  return user.startsWith(kubeSystem) || controllers.includes(user)
}

const serviceAccounts = 'system:serviceaccount:'
const kubeSystem = `${serviceAccounts}kube-system:`
// The account of all controllers where the controller manager runs without --use-service-account-credentials.
const controllerManager = 'system:kube-controller-manager'

interface Pair {
  readonly child: ObjectKind
  readonly owner: ObjectKind
  /** The controller's account in kube-system. */
  readonly account: string
}

const apps = (kind: string): ObjectKind => ({ group: 'apps', kind })
const batch = (kind: string): ObjectKind => ({ group: 'batch', kind })
const core = (kind: string): ObjectKind => ({ group: '', kind })

/**
 * What the controllers of Kubernetes make of what, with the accounts of k8s.io/kubernetes cmd/kube-controller-manager/app
 * (`ClientOrDie("replicaset-controller")`). Controller revisions hold no images.
 */
export const builtInPairs: readonly Pair[] = [
  { child: apps('ReplicaSet'), owner: apps('Deployment'), account: 'deployment-controller' },
  { child: core('Pod'), owner: apps('ReplicaSet'), account: 'replicaset-controller' },
  { child: core('Pod'), owner: apps('StatefulSet'), account: 'statefulset-controller' },
  { child: core('Pod'), owner: apps('DaemonSet'), account: 'daemon-set-controller' },
  { child: core('Pod'), owner: batch('Job'), account: 'job-controller' },
  { child: core('Pod'), owner: core('ReplicationController'), account: 'replication-controller' },
  { child: batch('Job'), owner: batch('CronJob'), account: 'cronjob-controller' },
]

function isBuiltInPair(child: ObjectKind, owner: ObjectKind, user: string): boolean {
  if (user !== controllerManager && !user.startsWith(kubeSystem)) return false
  return builtInPairs.some(
    pair =>
      isSame(pair.child, child) &&
      isSame(pair.owner, owner) &&
      (user === controllerManager || user === kubeSystem + pair.account),
  )
}

function isSame(one: ObjectKind, other: ObjectKind): boolean {
  return one.kind === other.kind && one.group === other.group
}

function isAccount(user: string): boolean {
  return user.startsWith(serviceAccounts) || user === controllerManager
}
