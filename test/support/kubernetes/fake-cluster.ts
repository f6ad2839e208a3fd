import { answer, refuse, type Handler, type Received } from './fake-api-server.ts'
import type { FakeThings } from './fake-things.ts'
import type { StoredObjects } from './stored-objects.ts'

/** What a cluster has: what runs, and what the audit writes. */
export interface FakeCluster {
  readonly things: FakeThings
  readonly stored: StoredObjects
}

const lease = '/apis/coordination.k8s.io/v1/namespaces/patchline-system/leases/patchline-audit'

/** Answers the audit: reads of what runs, its Lease and its state. */
export function clusterHandler({ method, url, body }: Received, { things, stored }: FakeCluster): Handler {
  const path = url.pathname
  if (method === 'PATCH') return patch(path, body, stored)
  return method !== 'GET' || path === lease || path.includes('/configmaps/') ? stored.handler : things.handler
}

// A merge of the two objects that a Lease has, for the version that it names.
function patch(path: string, body: string, { objects }: StoredObjects): Handler {
  const before = objects.get(path)
  if (before === undefined) return refuse(404, 'not found')
  const { metadata, spec } = JSON.parse(body)
  if (metadata.resourceVersion !== before.metadata['resourceVersion']) return refuse(409, 'modified')
  const after = {
    ...before,
    spec,
    metadata: { ...before.metadata, resourceVersion: `${metadata.resourceVersion}1` },
  }
  objects.set(path, after)
  return answer(200, after)
}
