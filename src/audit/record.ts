import {
  annotationsOf,
  at,
  claimsMirrorPod,
  imagesOf,
  itemsOf,
  member,
  podAccessOf,
  textOf,
  type ContainerImage,
  type PodAccess,
  type WorkloadKind,
} from '../workload/index.ts'
import type { HelmRelease, Workload } from './inventory.ts'

/** What is kept of an object that names images: some hundred bytes. */
export interface ObjectRecord {
  readonly workload: Workload
  /** The owner that controls it; undefined where nobody does. */
  readonly controller: Workload | undefined
  readonly images: readonly ContainerImage[]
  /** Of a pod: the digest that each container runs, by its name. */
  readonly digests: ReadonlyMap<string, string>
  readonly access: PodAccess
  /** Those under `patchline.dev/`. */
  readonly annotations: Readonly<Record<string, string>>
  readonly release: HelmRelease | undefined
  /** Whether its template counts: nothing is made any more of a finished job or of a replica set without replicas. */
  readonly live: boolean
}

/** What is kept of an object of a kind, whatever its shape; undefined where it has neither name nor uid. */
export function recordOf(kind: WorkloadKind, object: unknown): ObjectRecord | undefined {
  const metadata = member(object, 'metadata')
  const uid = textOf(member(metadata, 'uid'))
  const name = textOf(member(metadata, 'name'))
  if (uid === '' || name === '') return undefined
  const namespace = textOf(member(metadata, 'namespace'))
  const apiVersion = kind.group === '' ? 'v1' : `${kind.group}/v1`
  return {
    workload: { apiVersion, kind: kind.kind, namespace, name, uid },
    controller: claimsMirrorPod(kind, object) ? undefined : controllerOf(metadata, namespace),
    images: imagesOf(kind, object),
    digests: kind.kind === 'Pod' ? digestsOf(object) : noDigests,
    access: podAccessOf(kind, object),
    annotations: ownAnnotations(object),
    release: releaseOf(metadata),
    live: isLive(kind, object),
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
const noAnnotations: Readonly<Record<string, string>> = {}

function ownAnnotations(object: unknown): Readonly<Record<string, string>> {
  const own = Object.entries(annotationsOf(object)).filter(
    // What the webhook has written is of no use here, and long.
    ([key]) => key.startsWith(ownPrefix) && key !== `${ownPrefix}images` && key !== `${ownPrefix}status`,
  )
  return own.length === 0 ? noAnnotations : Object.fromEntries(own)
}

// helm.sh/docs/chart_best_practices/labels, and what Helm 3 writes on everything that it makes.
function releaseOf(metadata: unknown): HelmRelease | undefined {
  const name = textOf(at(metadata, ['annotations', 'meta.helm.sh/release-name']))
  if (name === '') return undefined
  const chart = textOf(at(metadata, ['labels', 'helm.sh/chart']))
  const namespace = textOf(at(metadata, ['annotations', 'meta.helm.sh/release-namespace']))
  return { name, namespace, chart: chart === '' ? undefined : chart }
}

function isLive(kind: WorkloadKind, object: unknown): boolean {
  switch (kind.kind) {
    case 'Pod':
      return !['Succeeded', 'Failed'].includes(textOf(at(object, ['status', 'phase'])))
    case 'ReplicaSet':
      return at(object, ['spec', 'replicas']) !== 0
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
