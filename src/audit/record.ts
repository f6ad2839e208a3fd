import {
  annotatedOf,
  annotationsOf,
  at,
  claimsMirrorPod,
  imagesOf,
  itemsOf,
  member,
  podAccessOf,
  reviewAnnotations,
  textOf,
  type Annotated,
  type ContainerImage,
  type PodAccess,
  type WorkloadKind,
} from '../workload/index.ts'
import type { Workload } from './inventory.ts'
import { managerOf, type Manager } from './manager.ts'
import { createShare, type Share } from './share.ts'

/** What is kept of an object that names images: some hundred bytes. */
export interface ObjectRecord {
  readonly workload: Workload
  /** The owner that controls it; undefined where nobody does. */
  readonly controller: Workload | undefined
  readonly images: readonly ContainerImage[]
  /** Of a pod: the digest that each container runs, by its name. */
  readonly digests: ReadonlyMap<string, string>
  readonly access: PodAccess
  /** Those under `patchline.dev/`, but for what reviews wrote. */
  readonly annotations: Readonly<Record<string, string>>
  /** What reviews wrote. */
  readonly annotated: Annotated
  readonly manager: Manager | undefined
  /** Whether it counts: nothing is made any more of a finished job, of an old replica set, of what is being deleted. */
  readonly live: boolean
}

/** Of which version of its group an object is, and what its record may share with others. */
export interface RecordOptions {
  /** `v1` where it is not named. */
  readonly version?: string
  readonly share?: Share
}

/** What is kept of an object of a kind, whatever its shape; undefined where it has neither name nor uid. */
export function recordOf(
  kind: WorkloadKind,
  object: unknown,
  { version = 'v1', share = createShare() }: RecordOptions = {},
): ObjectRecord | undefined {
  const metadata = member(object, 'metadata')
  const uid = textOf(member(metadata, 'uid'))
  const name = textOf(member(metadata, 'name'))
  if (uid === '' || name === '') return undefined
  const namespace = share.text(textOf(member(metadata, 'namespace')))
  const apiVersion = share.text(kind.group === '' ? version : `${kind.group}/${version}`)
  const workload = { apiVersion, kind: kind.kind, namespace, name, uid }
  const owner = claimsMirrorPod(kind, object) ? undefined : controllerOf(metadata, namespace)
  const controller = owner && share.owner(owner)
  const live = isLive(kind, object, controller)
  // Of most of a cluster no more is kept: ten old replica sets for each deployment.
  const contents = live ? contentsOf(kind, object, share) : nothing
  const { images, digests, access, annotations, annotated, manager } = contents
  return { workload, controller, images, digests, access, annotations, annotated, manager, live }
}

type Contents = Omit<ObjectRecord, 'workload' | 'controller' | 'live'>

function contentsOf(kind: WorkloadKind, object: unknown, share: Share): Contents {
  const digests = kind.kind === 'Pod' ? digestsOf(object) : noDigests
  const annotations = ownAnnotations(object)
  const manager = managerOf(member(object, 'metadata'))
  const images = imagesOf(kind, object)
  return {
    images: share.images(images),
    digests: digests === noDigests ? digests : share.digests(digests),
    access: share.access(podAccessOf(kind, object)),
    annotations: annotations === noAnnotations ? annotations : share.annotations(annotations),
    annotated: annotatedOf(object, images),
    manager: manager && share.manager(manager),
  }
}

const noDigests: ReadonlyMap<string, string> = new Map()

function controllerOf(metadata: unknown, namespace: string): Workload | undefined {
  const owner = itemsOf(member(metadata, 'ownerReferences')).find(one => member(one, 'controller') === true)
  const [apiVersion, kind, name, uid] = ['apiVersion', 'kind', 'name', 'uid'].map(key =>
    textOf(member(owner, key)),
  )
  if (!apiVersion || !kind || !name || !uid) return undefined
  return { apiVersion, kind, namespace, name, uid }
}

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']

// `docker.io/library/nginx@sha256:...` or `docker-pullable://...`. A bare `sha256:...` is the digest of the image's
// configuration, which no tag stands for.
const pulledDigest = /@(sha256:[0-9a-f]{64})$/

function digestsOf(pod: unknown): ReadonlyMap<string, string> {
  const digests = new Map<string, string>()
  const status = member(pod, 'status')
  for (const list of statusLists)
    for (const one of itemsOf(member(status, list))) {
      const digest = pulledDigest.exec(textOf(member(one, 'imageID')))?.[1]
      if (digest !== undefined) digests.set(textOf(member(one, 'name')), digest)
    }
  return digests.size === 0 ? noDigests : digests
}

const ownPrefix = 'patchline.dev/'
const written: ReadonlySet<string> = new Set(reviewAnnotations)
const noAnnotations: Readonly<Record<string, string>> = {}

const nothing: Contents = {
  images: [],
  digests: noDigests,
  access: { serviceAccount: 'default', pullSecrets: [] },
  annotations: noAnnotations,
  annotated: 'none',
  manager: undefined,
}

function ownAnnotations(object: unknown): Readonly<Record<string, string>> {
  const own = Object.entries(annotationsOf(object)).filter(
    // What reviews wrote is long, and of use here only as far as it is wrong.
    ([key]) => key.startsWith(ownPrefix) && !written.has(key),
  )
  return own.length === 0 ? noAnnotations : Object.fromEntries(own)
}

function isLive(kind: WorkloadKind, object: unknown, controller: Workload | undefined): boolean {
  // On its way out: it is nobody's drift any more, and its owner may be gone before it.
  if (textOf(at(object, ['metadata', 'deletionTimestamp'])) !== '') return false
  switch (kind.kind) {
    case 'Pod':
      return !['Succeeded', 'Failed'].includes(textOf(at(object, ['status', 'phase'])))
    case 'ReplicaSet':
    case 'ReplicationController':
      // What a rollout left behind; one that a person made and scaled to none counts, as a deployment does.
      return controller === undefined || at(object, ['spec', 'replicas']) !== 0
    case 'Job':
      return !itemsOf(at(object, ['status', 'conditions'])).some(isEnd)
    default:
      return true
  }
}

function isEnd(condition: unknown): boolean {
  return (
    member(condition, 'status') === 'True' &&
    ['Complete', 'Failed'].includes(textOf(member(condition, 'type')))
  )
}
