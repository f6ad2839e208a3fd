import { workloadKindNamed } from '../workload/index.ts'
import type { RunningImage, Workload } from './inventory.ts'
import type { ObjectRecord } from './record.ts'

/**
 * One entry for each top-level owner, container and image, in the order of namespace, kind, name and container. A pod
 * counts for what its owner's owner is; while a rollout goes on, what the old pods still run is an entry too.
 */
export function joinRecords(records: ReadonlyMap<string, ObjectRecord>): readonly RunningImage[] {
  const entries = new Map<string, Entry>()
  for (const record of records.values()) {
    if (!record.live) continue
    const top = topOf(record, records)
    // What a template's owner makes of it is told by the owner; an owner of an unknown kind tells nothing.
    const isPod = record.workload.kind === 'Pod'
    if (!isPod && top.record !== undefined && top.record !== record) continue
    for (const image of record.images) {
      const entry = entryFor(entries, top, { record, image })
      if (!isPod) continue
      entry.pods++
      const digest = record.digests.get(image.container)
      if (digest !== undefined && image.field !== 'volume') entry.digests.add(digest)
    }
  }
  return [...entries.values()].map(imageOf).toSorted(inOrder)
}

interface Entry {
  readonly top: Top
  readonly source: ObjectRecord
  readonly image: ObjectRecord['images'][number]
  pods: number
  readonly digests: Set<string>
}

function entryFor(
  entries: Map<string, Entry>,
  top: Top,
  { record, image }: { readonly record: ObjectRecord; readonly image: ObjectRecord['images'][number] },
): Entry {
  const key = JSON.stringify([top.workload.uid, image.field, image.container, image.image])
  const known = entries.get(key)
  if (known !== undefined) return known
  const entry: Entry = { top, source: record, image, pods: 0, digests: new Set() }
  entries.set(key, entry)
  return entry
}

interface Top {
  readonly workload: Workload
  /** Undefined for a kind that is not watched: only the reference to it is known. */
  readonly record: ObjectRecord | undefined
}

// A chain in Kubernetes has three links; a custom kind adds one or two. Anybody can write a circle.
const longestChain = 10

function topOf(record: ObjectRecord, records: ReadonlyMap<string, ObjectRecord>): Top {
  let current = record
  for (let link = 0; link < longestChain; link++) {
    const { controller } = current
    if (controller === undefined) return { workload: current.workload, record: current }
    const owner = records.get(controller.uid)
    if (owner === undefined) {
      // Of a kind that is watched and not there: deleted, and what it made is left over (or it was never there).
      return isWatched(controller) || controller.kind === 'Node'
        ? { workload: current.workload, record: current }
        : { workload: controller, record: undefined }
    }
    current = owner
  }
  return { workload: record.workload, record }
}

function isWatched({ apiVersion, kind }: Workload): boolean {
  return workloadKindNamed(apiVersion, kind) !== undefined
}

function imageOf({ top, source, image, pods, digests }: Entry): RunningImage {
  const { annotations, release } = top.record ?? source
  const { access } = source
  return {
    ...image,
    workload: top.workload,
    pods,
    digests: [...digests].toSorted(),
    requester: { namespace: top.workload.namespace, ...access },
    annotations,
    release,
  }
}

function inOrder(one: RunningImage, other: RunningImage): number {
  return (
    compare(one.workload.namespace, other.workload.namespace) ||
    compare(one.workload.kind, other.workload.kind) ||
    compare(one.workload.name, other.workload.name) ||
    compare(one.container, other.container) ||
    // The template's image before what old pods still run: those come later into the map, and the sort is stable.
    0
  )
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
