import type { Digest, Finding } from '../notification/index.ts'
import { subjectOf, tellsRemaining } from './message.ts'
import { removalsOf, type RemovedNamespace } from './removals.ts'

/** A digest as JSON, for programs. Instants are RFC 3339. */
export interface DigestDocument {
  readonly apiVersion: 'patchline.dev/v1'
  readonly kind: 'DriftDigest'
  /** The totals in one line, for people. */
  readonly text: string
  readonly cluster: string | null
  readonly at: string
  readonly occasion: Digest['occasion']
  readonly totals: Digest['totals']
  readonly new: readonly DigestItem[]
  readonly changed: readonly DigestItem[]
  readonly resolved: readonly DigestItem[]
  /** Of workloads that were deleted, but for those of `removedNamespaces`. */
  readonly removed: readonly DigestItem[]
  /** Namespaces that were deleted, and how many workloads with findings went with them. */
  readonly removedNamespaces: readonly RemovedNamespace[]
  readonly failing: readonly DigestItem[]
  /** Only of reminders and first messages: what was told before, maybe to others, and is still outdated. */
  readonly remaining?: readonly DigestItem[]
  /** How many findings are left out, over all lists. */
  readonly omitted: number
}

/** One finding. */
export interface DigestItem {
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
  readonly since: string | null
  readonly reason: string
  readonly detail: string | null
}

// Some 700 bytes each: with more, the first message of a large cluster would be larger than the MiB that most servers take. All of them are
// in the drift report.
const mostItems = 1_000

/** The document of a digest. */
export function documentOf(digest: Digest): DigestDocument {
  const { cluster, at, occasion, totals } = digest
  const remaining = tellsRemaining(digest) ? digest.remaining : []
  const { alone, namespaces } = removalsOf(digest)
  const lists = [digest.appeared, digest.changed, digest.resolved, alone, digest.failing, remaining]
  const items = lists.map((list, place) => {
    const before = lists.slice(0, place).reduce((sum, { length }) => sum + length, 0)
    return list.slice(0, Math.max(0, mostItems - before)).map(itemOf)
  })
  const [appeared = [], changed = [], resolved = [], removed = [], failing = [], still = []] = items
  return {
    apiVersion: 'patchline.dev/v1',
    kind: 'DriftDigest',
    text: subjectOf(digest),
    cluster: cluster ?? null,
    at: new Date(at).toISOString(),
    occasion,
    totals,
    new: appeared,
    changed,
    resolved,
    removed,
    removedNamespaces: namespaces.slice(0, mostItems),
    failing,
    ...(tellsRemaining(digest) && { remaining: still }),
    omitted: Math.max(0, lists.flat().length - mostItems),
  }
}

function itemOf(finding: Finding): DigestItem {
  const { workload, container, field, image, newest, newestImage, behind, since, reason, detail } = finding
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
    since: since === undefined ? null : new Date(since).toISOString(),
    reason,
    detail: detail ?? null,
  }
}
