import { recordOf, recordShape, type ObjectRecord, type Share } from '../../audit/index.ts'
import type { WorkloadKind } from '../../workload/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import type { Listed } from '../watch/listed.ts'
import { namespaceShape, parseWholeNamespace, type Namespace } from '../watch/namespace.ts'

/** What is listed of a kind, in one namespace or in all. */
export interface Listing {
  readonly kind: WorkloadKind
  /** Undefined: all. */
  readonly namespace: string | undefined
  readonly share: Share
}

/** The objects of a kind in each version of its group in which servers may have them, the newest first. */
export function listedKind(listing: Listing): readonly [Listed<ObjectRecord>, ...Listed<ObjectRecord>[]] {
  const newest = listedVersion(listing, 'v1')
  // Before 1.21 there are cron jobs in v1beta1 alone.
  return listing.kind.kind === 'CronJob' ? [newest, listedVersion(listing, 'v1beta1')] : [newest]
}

function listedVersion({ kind, namespace, share }: Listing, version: string): Listed<ObjectRecord> {
  const prefix = kind.group === '' ? `/api/${version}` : `/apis/${kind.group}/${version}`
  const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const options = { version, share }
  return {
    what: namespace === undefined ? kind.resource : `${kind.resource} in ${namespace}`,
    path: `${prefix}${inNamespace}/${kind.resource}`,
    read(object, what) {
      const record = recordOf(kind, object, options)
      if (record === undefined)
        throw new KubernetesError('invalid-answer', { what, why: 'an object without a name or a uid' })
      return record
    },
    shape: recordShape(kind),
    grant: grantOf({ group: kind.group, resource: kind.resource, namespace }),
    // A page of 250 pods is about 2 MB of JSON, which takes 20 ms to parse.
    pageSize: 250,
    // A million objects.
    mostPages: 4_000,
  }
}

/** All namespaces, or only one, with all of its labels. */
export function listedNamespaces(name: string | undefined): Listed<Namespace> {
  return {
    what: name === undefined ? 'namespaces' : `the namespace ${name}`,
    path: '/api/v1/namespaces',
    // Then the right to this one is enough: `resourceNames`.
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
    read: parseWholeNamespace,
    shape: namespaceShape,
    grant: grantOf({ group: '', resource: 'namespaces', namespace: undefined, name }),
    pageSize: 250,
    mostPages: 200,
  }
}

interface Granted {
  readonly group: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name?: string | undefined
}

function grantOf({ group, resource, namespace, name }: Granted): string {
  const where = namespace === undefined ? 'its ClusterRole' : `a Role in ${namespace}`
  const names = name === undefined ? '' : `, resourceNames: [${name}]`
  return `add to ${where}: { apiGroups: ['${group}'], resources: [${resource}]${names}, verbs: [list, watch] }`
}
