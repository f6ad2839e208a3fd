import { at, itemsOf, member, mergeShapes, textOf, type Shape } from '../json/index.ts'
import {
  annotatedOf,
  annotationsOf,
  claimsMirrorPod,
  imagesOf,
  labelsOf,
  podAccessOf,
  reviewAnnotations,
  type ContainerImage,
  type WorkloadKind,
  podSpecShape,
} from '../workload/index.ts'
import type { Workload } from './inventory.ts'
import { managerOf } from './manager.ts'
import { createInterner, type RecordContents, type Interner } from './intern.ts'

/** What is kept of an object that names images: two or three hundred bytes, in clusters of a hundred thousand pods. */
export interface ObjectRecord extends Workload {
  /** The owner that controls it; undefined where there is none. */
  readonly controller: Workload | undefined
  /**
   * What it runs; undefined where it does not count: nothing is made any more of a finished job, of an old replica set, of what is
   * being deleted. Of them no more is kept: there are ten old replica sets for each deployment.
   */
  readonly contents: RecordContents | undefined
}

/** Of which version of its group an object is, and what its record may share with others. */
export interface RecordOptions {
  /** `v1` where it is not named. */
  readonly version?: string
  readonly interner?: Interner
}

/** What is kept of an object of a kind, whatever its shape; undefined where it has neither name nor uid. */
export function recordOf(
  kind: WorkloadKind,
  object: unknown,
  { version = 'v1', interner = createInterner() }: RecordOptions = {},
): ObjectRecord | undefined {
  const metadata = member(object, 'metadata')
  const uid = textOf(member(metadata, 'uid'))
  const name = textOf(member(metadata, 'name'))
  if (uid === '' || name === '') return undefined
  const namespace = interner.text(textOf(member(metadata, 'namespace')))
  const apiVersion = interner.text(kind.group === '' ? version : `${kind.group}/${version}`)
  const owner = claimsMirrorPod(kind, object) ? undefined : controllerOf(metadata, namespace)
  const controller = owner && interner.owner(owner)
  const contents = isLive(kind, object, controller)
    ? interner.contents(contentsOf(kind, object, controller))
    : undefined
  return { apiVersion, kind: kind.kind, namespace, name, uid, controller, contents }
}

function contentsOf(kind: WorkloadKind, object: unknown, controller: Workload | undefined): RecordContents {
  const images = imagesOf(kind, object)
  return {
    images,
    digests: kind.kind === 'Pod' ? digestsOf(object, images) : [],
    access: podAccessOf(kind, object),
    // Those of pods differ from each other, and their owner is what policies are about.
    labels: controller === undefined ? labelsOf(object) : {},
    annotations: ownAnnotations(object),
    annotated: annotatedOf(object, images),
    manager: managerOf(member(object, 'metadata')),
  }
}

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

function digestsOf(pod: unknown, images: readonly ContainerImage[]): readonly (string | undefined)[] {
  const digests = new Map<string, string>()
  const status = member(pod, 'status')
  for (const list of statusLists)
    for (const one of itemsOf(member(status, list))) {
      const digest = pulledDigest.exec(textOf(member(one, 'imageID')))?.[1]
      if (digest !== undefined) digests.set(textOf(member(one, 'name')), digest)
    }
  return images.map(({ container, field }) => (field === 'volume' ? undefined : digests.get(container)))
}

const ownPrefix = 'patchline.dev/'
const written: ReadonlySet<string> = new Set(reviewAnnotations)

function ownAnnotations(object: unknown): Readonly<Record<string, string>> {
  const own = Object.entries(annotationsOf(object)).filter(
    // What reviews wrote is long, and of use here only as far as it is wrong.
    ([key]) => key.startsWith(ownPrefix) && !written.has(key),
  )
  return Object.fromEntries(own)
}

function isLive(kind: WorkloadKind, object: unknown, controller: Workload | undefined): boolean {
  // It is being deleted: it no longer counts as drift, and its owner may be gone before it.
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

const statuses: Shape = { items: { members: { name: 'whole', imageID: 'whole' } } }

// Of a kind that has one of them not the rest is read.
const beside: Shape = {
  members: {
    metadata: {
      members: {
        name: 'whole',
        namespace: 'whole',
        uid: 'whole',
        deletionTimestamp: 'whole',
        annotations: 'whole',
        labels: 'whole',
        ownerReferences: 'whole',
      },
    },
    spec: { members: { replicas: 'whole' } },
    status: {
      members: {
        phase: 'whole',
        conditions: 'whole',
        containerStatuses: statuses,
        initContainerStatuses: statuses,
        ephemeralContainerStatuses: statuses,
      },
    },
  },
}

/** What {@link recordOf} reads of an object of that kind: a tenth of a pod. */
export function recordShape(kind: WorkloadKind): Shape {
  return mergeShapes([beside, podSpecShape(kind)])
}
