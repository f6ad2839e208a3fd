import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, textOf } from '../../json/index.ts'
import { reviewAnnotations, type WorkloadKind } from '../../workload/index.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { listMetadata, type MetadataListing, type ObjectMetadata } from '../api/resources.ts'
import { managedBy, ourManager, reportKinds } from '../report/policy-report-store.ts'

/** A resource as its path names it. */
export type ResourceName = Pick<WorkloadKind, 'group' | 'resource'>

/** Where Patchline was installed. */
export interface InstalledPlace {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  /** Of both webhook configurations. */
  readonly configuration: string
}

/** One sort of object that Patchline left in a cluster, with the requests that remove it. */
export interface UninstallStep {
  /** `deployments.apps` */
  readonly what: string
  /** What a request does to its object. */
  readonly does: 'deleted' | 'cleared of annotations'
  /** Rejects with KubernetesError. */
  readonly find: (signal: AbortSignal) => Promise<readonly ApiRequest[]>
}

/** The outcome of one step. */
export interface UninstallOutcome {
  /** `deployments.apps` */
  readonly what: string
  readonly does: UninstallStep['does'] | 'scaled to 0' | 'released'
  /** How many objects were changed, or would be. */
  readonly done: number
  readonly failed: number
  /** The first of each code. */
  readonly problems: readonly KubernetesError[]
}

const answerLimit = 15_000
const ours = 'app.kubernetes.io/name=patchline'

/** A resource with its group: `deployments.apps`, `pods`. */
export function nameOf({ group, resource }: ResourceName): string {
  return group === '' ? resource : `${resource}.${group}`
}

const configurations = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] as const

/** The steps that delete the webhooks; without them nothing is annotated any more. */
export function webhookSteps({ kubeConfig, configuration }: InstalledPlace): readonly UninstallStep[] {
  return configurations.map(resource => {
    const path = `/apis/admissionregistration.k8s.io/v1/${resource}`
    const what = nameOf({ group: 'admissionregistration.k8s.io', resource })
    return deletion(kubeConfig, { what, path, keep: ({ name }) => name === configuration })
  })
}

/** The resources that the rules of the webhooks name, and so those whose objects may be annotated. Rejects with KubernetesError. */
export async function resourcesOfRules(
  { kubeConfig, configuration }: InstalledPlace,
  signal: AbortSignal,
): Promise<readonly ResourceName[]> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${encodeURIComponent(configuration)}`
  const limit = withTimeout(signal, answerLimit)
  try {
    const answer = await callApi(kubeConfig, { what: 'get the webhook configuration', path }, limit)
    const rules = itemsOf(at(answer, ['webhooks'])).flatMap(webhook => itemsOf(at(webhook, ['rules'])))
    return rules.flatMap(rule =>
      textsOf(rule, 'apiGroups').flatMap(group =>
        textsOf(rule, 'resources').map(resource => ({ group, resource })),
      ),
    )
  } catch (error) {
    // A user who may not read them learns that when they are to be deleted.
    if (error instanceof KubernetesError && (error.code === 'not-found' || error.code === 'forbidden'))
      return []
    throw error
  }
}

// Without wildcards, which have no list, and subresources, which have no objects.
function textsOf(rule: unknown, key: string): readonly string[] {
  return itemsOf(at(rule, [key]))
    .map(textOf)
    .filter(text => !/[*/]/.test(text))
}

/** The step that removes the annotations of reviews from the objects of a resource. What people wrote under `patchline.dev/` stays. */
export function annotationStep(kubeConfig: KubeConfig, resource: ResourceName): UninstallStep {
  const what = nameOf(resource)
  return {
    what,
    does: 'cleared of annotations',
    async find(signal) {
      const root = await rootOf(kubeConfig, resource, signal)
      if (root === undefined) return []
      const path = `${root}/${resource.resource}`
      const objects = await listMetadata(kubeConfig, { what, path, keep: isAnnotated }, signal)
      return objects.map(object => ({
        what: `patch ${what} ${object.namespace}/${object.name}`,
        path: pathOf(path, object),
        // A merge that names two keys: all other changes meanwhile stay.
        patch: { contentType: 'application/merge-patch+json', body: withoutAnnotations },
      }))
    },
  }
}

function isAnnotated({ annotations }: ObjectMetadata): boolean {
  return reviewAnnotations.some(annotation => Object.hasOwn(annotations, annotation))
}

const withoutAnnotations = {
  metadata: { annotations: Object.fromEntries(reviewAnnotations.map(key => [key, null])) },
}

/** The path to a group in the version that the server prefers; undefined where it has no such group. */
async function rootOf(
  kubeConfig: KubeConfig,
  { group }: ResourceName,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (group === '') return '/api/v1'
  const path = `/apis/${encodeURIComponent(group)}`
  const limit = withTimeout(signal, answerLimit)
  try {
    const answer = await callApi(kubeConfig, { what: `discover ${group}`, path }, limit)
    return `${path}/${textOf(at(answer, ['preferredVersion', 'version']))}`
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'not-found') return undefined
    throw error
  }
}

/** The steps that delete policy reports and Events in all namespaces, and the audit's state, ages and Lease in its own. */
export function recordSteps({ kubeConfig, namespace }: InstalledPlace): readonly UninstallStep[] {
  const reports = reportKinds.map(({ group, version, resource }) => ({
    what: nameOf({ group, resource }),
    path: `/apis/${group}/${version}/${resource}`,
    labelSelector: `${managedBy}=${ourManager}`,
    keep: isNamedAsOurs,
  }))
  const events = {
    what: 'events.events.k8s.io',
    path: '/apis/events.k8s.io/v1/events',
    labelSelector: ours,
    keep: isNamedAsOurs,
  }
  const folder = `/namespaces/${encodeURIComponent(namespace)}`
  const state = {
    what: 'configmaps',
    path: `/api/v1${folder}/configmaps`,
    labelSelector: `${ours},app.kubernetes.io/component=audit`,
    keep: ({ name }: ObjectMetadata) => /^patchline-(?:state|ages)-[ab]-\d$/.test(name),
  }
  const lease = {
    what: 'leases.coordination.k8s.io',
    path: `/apis/coordination.k8s.io/v1${folder}/leases`,
    keep: ({ name }: ObjectMetadata) => name === 'patchline-audit',
  }
  return [...reports, events, state, lease].map(listing => deletion(kubeConfig, listing))
}

/** The steps that delete what managed certificates leave: the Lease, the authority, the secret path, the requests of replicas. */
export function certificateSteps({ kubeConfig, namespace }: InstalledPlace): readonly UninstallStep[] {
  const folder = `/namespaces/${encodeURIComponent(namespace)}`
  const secrets = new Set(['patchline-authority', 'patchline-webhook-path'])
  const listings: readonly MetadataListing[] = [
    {
      what: 'leases.coordination.k8s.io',
      path: `/apis/coordination.k8s.io/v1${folder}/leases`,
      keep: ({ name }) => name === 'patchline-authority',
    },
    { what: 'secrets', path: `/api/v1${folder}/secrets`, keep: ({ name }) => secrets.has(name) },
    {
      what: 'certificatesigningrequests.certificates.k8s.io',
      path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      labelSelector: ours,
      keep: ({ name }) => name.startsWith('patchline-webhook-'),
    },
  ]
  return listings.map(listing => deletion(kubeConfig, listing))
}

function isNamedAsOurs({ name }: ObjectMetadata): boolean {
  return name.startsWith('patchline-')
}

function deletion(kubeConfig: KubeConfig, listing: MetadataListing): UninstallStep {
  return {
    what: listing.what,
    does: 'deleted',
    async find(signal) {
      const objects = await listMetadata(kubeConfig, listing, signal)
      return objects.map(object => ({
        what: `delete ${listing.what} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`,
        path: pathOf(listing.path, object),
        write: { method: 'DELETE' },
      }))
    },
  }
}

// The path of a list over all namespaces does not name one; that of an object does.
function pathOf(list: string, { namespace, name }: ObjectMetadata): string {
  const object = encodeURIComponent(name)
  if (namespace === '' || list.includes('/namespaces/')) return `${list}/${object}`
  const slash = list.lastIndexOf('/')
  return `${list.slice(0, slash)}/namespaces/${encodeURIComponent(namespace)}${list.slice(slash)}/${object}`
}
