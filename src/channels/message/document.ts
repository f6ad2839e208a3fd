import { byImage, type Message, type Finding, type ImageFindings } from '../../notification/index.ts'
import { tellsRemaining } from './rendered-message.ts'
import { removalsOf, subjectOf, type RemovedNamespace } from './summary.ts'

/** A message as JSON, for programs. Instants are RFC 3339. */
export interface MessageDocument {
  readonly apiVersion: 'patchline.dev/v1'
  readonly kind: 'DriftDigest'
  /** The news and the totals in one line, for people. */
  readonly text: string
  readonly cluster: string | null
  readonly at: string
  readonly occasion: Message['occasion']
  readonly totals: Omit<Message['totals'], 'oldestCheckedAt'> & { readonly oldestCheckedAt: string | null }
  /** The news by image, in the order of the lists below: one for an image in fifty workloads. */
  readonly images: readonly MessageImage[]
  readonly new: readonly MessageItem[]
  readonly changed: readonly MessageItem[]
  readonly resolved: readonly MessageItem[]
  /** Of workloads that were deleted, but for those of `removedNamespaces`. */
  readonly removed: readonly MessageItem[]
  /** Namespaces that were deleted, and how many workloads with findings went with them. */
  readonly removedNamespaces: readonly RemovedNamespace[]
  readonly failing: readonly MessageItem[]
  /** Of workloads that only the annotation for an emergency keeps from being refused; one for each workload. */
  readonly emergencies: readonly MessageItem[]
  /** Only in reminders and first messages: findings of earlier messages that are still outdated. */
  readonly remaining?: readonly MessageItem[]
  /** How many findings are left out, over all lists. */
  readonly omitted: number
}

/** One image. */
export interface MessageImage {
  /** The list that it is of. */
  readonly list: 'new' | 'changed' | 'resolved' | 'removed' | 'failing' | 'emergencies'
  /** As it is written. */
  readonly repository: string
  readonly tags: readonly string[]
  readonly newest: string | null
  /** How far the farthest is behind, in words: `4 versions`. */
  readonly distance: string | null
  readonly workloads: number
  readonly namespaces: number
  /** The page for people of the tag to go to, or of the repository. */
  readonly page: string | null
  /** Where its project is, as the manifest of the tag to go to says. */
  readonly source: string | null
}

/** One finding. */
export interface MessageItem {
  readonly kind: Finding['kind']
  readonly workload: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
  }
  readonly container: string
  readonly field: Finding['field']
  readonly image: string
  readonly newest: string | null
  readonly newestImage: string | null
  readonly behind: number
  /** The same in words, with what is counted: `4 versions`, `2 image revisions`. */
  readonly distance: string | null
  /** Of a finding that is resolved: the image that the container has now. */
  readonly now: string | null
  readonly since: string | null
  readonly reason: string
  readonly detail: string | null
  /** Of an emergency: the policy that would refuse the workload. */
  readonly policy: string | null
  /** Of an emergency: the reason that its annotation gives. */
  readonly breakGlass: string | null
}

// Some 700 bytes each: with more, the first message of a large cluster would be larger than the MiB that most servers take. All of them are
// in the drift report.
const mostItems = 1_000

/** Converts a message to its JSON document. */
export function documentOf(message: Message): MessageDocument {
  const { cluster, at, occasion, totals } = message
  const { appeared, changed, resolved, failing, emergencies } = message
  const remaining = tellsRemaining(message) ? message.remaining : []
  const { alone, namespaces } = removalsOf(message)
  const lists = [emergencies, appeared, changed, resolved, alone, failing, remaining]
  let room = mostItems
  const itemsOf = (list: readonly Finding[]): readonly MessageItem[] => {
    const items = list.slice(0, room).map(itemOf)
    room -= items.length
    return items
  }
  return {
    apiVersion: 'patchline.dev/v1',
    kind: 'DriftDigest',
    text: subjectOf(message),
    cluster: cluster ?? null,
    at: new Date(at).toISOString(),
    occasion,
    totals: { ...totals, oldestCheckedAt: instantOf(totals.oldestCheckedAt) },
    images: imagesOf(message),
    // In the order in which they get room.
    emergencies: itemsOf(emergencies),
    new: itemsOf(appeared),
    changed: itemsOf(changed),
    resolved: itemsOf(resolved),
    removed: itemsOf(alone),
    removedNamespaces: namespaces.slice(0, mostItems),
    failing: itemsOf(failing),
    ...(tellsRemaining(message) && { remaining: itemsOf(remaining) }),
    omitted: Math.max(0, lists.flat().length - mostItems),
  }
}

// Some 250 bytes each.
const mostImages = 500

function imagesOf(message: Message): readonly MessageImage[] {
  const { appeared, changed, resolved, failing, emergencies } = message
  const { alone: removed } = removalsOf(message)
  const lists = { emergencies, new: appeared, changed, resolved, removed, failing }
  const names = ['emergencies', 'new', 'changed', 'resolved', 'removed', 'failing'] as const
  return names
    .flatMap(list => byImage(lists[list]).map(image => imageItemOf(list, image)))
    .slice(0, mostImages)
}

function imageItemOf(list: MessageImage['list'], image: ImageFindings): MessageImage {
  const { repository, tags, farthest, workloads, namespaces, page, source } = image
  return {
    list,
    repository,
    tags,
    newest: farthest.newest ?? null,
    distance: farthest.newest === undefined ? null : farthest.distance,
    workloads: workloads.length,
    namespaces,
    page: page ?? null,
    source: source ?? null,
  }
}

function instantOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}

function itemOf(finding: Finding): MessageItem {
  const { workload, container, field, image, newest, newestImage, behind, since, reason, detail } = finding
  const { distance, now, emergency } = finding
  const { apiVersion, kind, namespace, name } = workload
  return {
    kind: finding.kind,
    workload: { apiVersion, kind, namespace, name },
    container,
    field,
    image,
    newest: newest ?? null,
    newestImage: newestImage ?? null,
    behind,
    distance: newest === undefined ? null : distance,
    now: now ?? null,
    since: instantOf(since),
    reason,
    detail: detail ?? null,
    policy: emergency?.policy ?? null,
    breakGlass: emergency?.reason ?? null,
  }
}
