import { compareTexts } from '../text/index.ts'
import { workloadKindNamed } from '../workload/index.ts'
import { compareWorkloads, type Origin, type RunningImage, type Workload } from './inventory.ts'
import type { ObjectRecord } from './record.ts'
import type { RecordContents } from './intern.ts'

type Image = RecordContents['images'][number]

/**
 * One entry for each top-level owner, container and image, in the order of namespace, kind, name and container. A pod
 * counts for what its owner's owner is; while a rollout goes on, what the old pods still run is an entry too.
 * `isListed` says whether the records hold all objects of the kind of an owner: one of another kind is known by the
 * reference to it alone.
 */
export function aggregateByOwner(
  records: ReadonlyMap<string, ObjectRecord>,
  isListed: (owner: Workload) => boolean = isWatched,
): readonly RunningImage[] {
  const groups = new Map<ObjectRecord | string, Group>()
  const owners = { records, isListed }
  // Templates first: what an entry says of its workload is then the template's word, whatever came first into the map.
  for (const record of records.values()) if (!isPodRecord(record)) add(record, owners, groups)
  for (const record of records.values()) if (isPodRecord(record)) add(record, owners, groups)
  return [...groups.values()]
    .toSorted((one, other) => compareWorkloads(one.top.workload, other.top.workload))
    .flatMap(group => imagesOfGroup(group))
}

interface Owners {
  readonly records: ReadonlyMap<string, ObjectRecord>
  readonly isListed: (owner: Workload) => boolean
}

/** What one top-level owner runs. */
interface Group {
  readonly top: Top
  readonly entries: Entry[]
  /** By the image itself, of which equal ones mostly share one. */
  readonly known: Map<Image, Entry>
}

interface Entry {
  /** Whether no template names it. */
  readonly isPod: boolean
  /** What named it first. */
  readonly source: RecordContents
  readonly image: Image
  pods: number
  /** The different ones: a handful, for they are what one tag was while the pods were made. */
  readonly digests: string[]
}

function add(record: ObjectRecord, owners: Owners, groups: Map<ObjectRecord | string, Group>): void {
  const top = topOf(record, owners)
  const { contents } = record
  if (contents === undefined || !tells(record, top)) return
  const group = groupFor(groups, top)
  const isPod = isPodRecord(record)
  for (const [place, image] of contents.images.entries()) {
    const entry = entryFor(group, { isPod, source: contents, image })
    if (!isPod) continue
    entry.pods++
    const digest = contents.digests[place]
    if (digest !== undefined && !entry.digests.includes(digest)) entry.digests.push(digest)
  }
}

/** Whether what it names is an entry of that owner. */
function tells(record: ObjectRecord, top: Top): boolean {
  // Its owner has ended or is being deleted, and it goes too.
  if (top.record !== undefined && top.record.contents === undefined) return false
  // What a template's owner makes of it is told by the owner; an owner of an unknown kind tells nothing.
  return isPodRecord(record) || top.record === undefined || top.record === record
}

function groupFor(groups: Map<ObjectRecord | string, Group>, top: Top): Group {
  // A reference to an owner that is not listed may name the uid of another namespace's.
  const key = top.record ?? `${top.workload.namespace}/${top.workload.uid}`
  const known = groups.get(key)
  if (known !== undefined) return known
  const group: Group = { top, entries: [], known: new Map() }
  groups.set(key, group)
  return group
}

function entryFor({ entries, known }: Group, first: Pick<Entry, 'isPod' | 'source' | 'image'>): Entry {
  const { image } = first
  const same = known.get(image) ?? entries.find(entry => isSame(entry.image, image))
  const entry = same ?? { ...first, pods: 0, digests: [] }
  if (same === undefined) entries.push(entry)
  known.set(image, entry)
  return entry
}

function isSame(one: Image, other: Image): boolean {
  return one.image === other.image && one.container === other.container && one.field === other.field
}

interface Top {
  readonly workload: Workload
  /** Undefined for a kind that is not listed: only the reference to it is known. */
  readonly record: ObjectRecord | undefined
}

// A chain in Kubernetes has three links; a custom kind adds one or two. Any client can write a circle.
const longestChain = 10

function topOf(record: ObjectRecord, { records, isListed }: Owners): Top {
  let current = record
  for (let link = 0; link < longestChain; link++) {
    const { controller } = current
    if (controller === undefined) return { workload: current, record: current }
    const owner = records.get(controller.uid)
    // Owners are of the namespace of what they own: a reference to elsewhere is a lie, and would put an image there.
    if (owner === undefined || owner.namespace !== record.namespace) {
      // Of a kind that is listed and not there: deleted, and what it made is left over (or it was never there).
      return owner !== undefined || isListed(controller) || controller.kind === 'Node'
        ? { workload: current, record: current }
        : { workload: controller, record: undefined }
    }
    current = owner
  }
  return { workload: record, record }
}

function isWatched({ apiVersion, kind }: Workload): boolean {
  return workloadKindNamed(apiVersion, kind) !== undefined
}

function imagesOfGroup({ top, entries }: Group): readonly RunningImage[] {
  const ordered = entries.length < 2 ? entries : entries.toSorted(inGroupOrder)
  const workload = workloadOf(top.workload)
  return ordered.map(entry => {
    const { source, image, pods, digests } = entry
    const { annotations, manager } = top.record?.contents ?? source
    return {
      ...image,
      workload,
      origin: originOf(entry, entries),
      pods,
      digests: digests.length < 2 ? digests : digests.toSorted(compareTexts),
      requester: { namespace: workload.namespace, ...source.access },
      labels: top.record?.contents?.labels ?? {},
      annotations,
      annotated: top.record?.contents?.annotated ?? 'none',
      manager,
    }
  })
}

function originOf({ isPod, image }: Entry, entries: readonly Entry[]): Origin {
  if (!isPod) return 'template'
  const { container, field } = image
  const isReplaced = entries.some(
    other => !other.isPod && other.image.container === container && other.image.field === field,
  )
  return isReplaced ? 'older-pod' : 'pod'
}

// The template's image before what old pods still run.
function inGroupOrder(one: Entry, other: Entry): number {
  return (
    compareTexts(one.image.container, other.image.container) ||
    compareTexts(one.image.field, other.image.field) ||
    Number(one.isPod) - Number(other.isPod) ||
    compareTexts(one.image.image, other.image.image)
  )
}

/** Without what its record has besides: a report outlives the records. */
function workloadOf({ apiVersion, kind, namespace, name, uid }: Workload): Workload {
  return { apiVersion, kind, namespace, name, uid }
}

function isPodRecord({ kind }: ObjectRecord): boolean {
  return kind === 'Pod'
}
