import {
  byImage,
  byWorkload,
  type Message,
  type Finding,
  type ImageFindings,
} from '../../notification/index.ts'
import { missingText, shortAge, shorten } from '../../text/index.ts'

// The longest header of Slack; most lists of mails show less.
const longestSubject = 150
const longestCluster = 60

/**
 * The subject of a message: one line of at most 150 characters: where, what is new, and how things are in all. Images are named as long as there
 * is room for whole names; else they are counted.
 */
export function subjectOf(message: Message): string {
  const { cluster, occasion } = message
  const where = cluster === undefined ? 'patchline' : `patchline (${clusterText(cluster)})`
  const test = occasion === 'test' ? 'test: ' : occasion === 'reminder' ? 'reminder: ' : ''
  const start = `${where}: ${test}`
  const [state = '', ...asides] = statements(message)
  const news = newsOf(message)
  if (news.length === 0) return longestOf([[state, ...asides].join(', '), state].map(text => start + text))
  const named = news.map(({ title, names }) => `${title}: ${firstOf(names)}`).join('; ')
  const counted = news.map(({ title, names }) => `${names.length} ${title}`).join(', ')
  const whole = [state, ...asides].join(', ')
  return longestOf(
    [`${named}; ${whole}`, `${named}; ${state}`, `${counted}; ${whole}`, `${counted}; ${state}`, counted].map(
      text => start + text,
    ),
  )
}

/** The totals in one line. */
export function stateOf(message: Pick<Message, 'totals' | 'at'>): string {
  return statements(message).join(', ')
}

// The last text names only the cluster, whose name is short.
function longestOf(texts: readonly string[]): string {
  return texts.find(({ length }) => length <= longestSubject) ?? texts.at(-1) ?? ''
}

function clusterText(cluster: string): string {
  return shorten(oneLine(cluster), longestCluster)
}

interface News {
  readonly title: string
  /** Of images, and of namespaces that are gone. */
  readonly names: readonly string[]
}

function newsOf(message: Message): readonly News[] {
  const { appeared, changed, resolved, failing, emergencies } = message
  const over = resolved.filter(isEmergency)
  const mended = resolved.filter(finding => !isEmergency(finding))
  const { alone, namespaces } = removalsOf(message)
  const gone = namespaces.map(({ name }) => oneLine(`namespace ${name}`))
  return [
    { title: 'break-glass', names: byImage(emergencies).map(beforeOf) },
    { title: 'new', names: byImage(appeared).map(nextOf) },
    { title: 'newer still', names: byImage(changed).map(nextOf) },
    { title: 'resolved', names: byImage(mended).map(beforeOf) },
    { title: 'break-glass over', names: byImage(over).map(beforeOf) },
    { title: 'removed', names: [...gone, ...byImage(alone).map(beforeOf)] },
    { title: 'cannot be checked', names: byImage(failing).map(({ repository }) => oneLine(repository)) },
  ].filter(({ names }) => names.length > 0)
}

function isEmergency({ kind }: Finding): boolean {
  return kind === 'emergency'
}

const mostNamed = 3

function firstOf(names: readonly string[]): string {
  const left = names.length - mostNamed
  return `${names.slice(0, mostNamed).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

function nextOf({ repository, tags, oldest: { newest } }: ImageFindings): string {
  return oneLine(`${repository} ${newest ?? tags.join(', ')}`.trim())
}

function beforeOf({ repository, tags }: ImageFindings): string {
  return oneLine(`${repository} ${tags.join(', ')}`.trim())
}

function statements({ totals, at }: Pick<Message, 'totals' | 'at'>): readonly string[] {
  const { overdue, oldestCheckedAt, missing, old, failing, snoozed, skipped, unchecked = 0 } = totals
  return [
    stateText(totals),
    ...(old > 0 ? [`${old} for more than 14 days`] : []),
    ...(snoozed > 0 ? [`${snoozed} snoozed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failing > 0 ? [`${failing} cannot be checked`] : []),
    ...(unchecked > 0 ? [`${unchecked} not checked yet`] : []),
    ...(missing > 0 ? [missingText(missing)] : []),
    ...(overdue > 0 ? [`${overdue} judged by old lists${oldestText(oldestCheckedAt, at)}`] : []),
  ]
}

function oldestText(oldestCheckedAt: number | undefined, at: number): string {
  return oldestCheckedAt === undefined ? '' : ` (oldest ${shortAge(at - oldestCheckedAt)})`
}

function stateText(totals: Message['totals']): string {
  const { outdated, containers, failing, unchecked = 0, overdue, missing } = totals
  if (containers === 0) return 'no containers were found'
  if (outdated > 0) return `${outdated} of ${containers} containers ${outdated === 1 ? 'is' : 'are'} outdated`
  return failing + unchecked + overdue + missing > 0
    ? `none of ${containers} containers is known to be outdated`
    : `all ${containers} containers are up to date`
}

/** A namespace that was deleted, with all that was in it. */
export interface RemovedNamespace {
  readonly name: string
  /** That had findings. */
  readonly workloads: number
}

/** The removals of a message: namespaces, each once, and the findings of workloads of other namespaces. */
export interface Removals {
  readonly namespaces: readonly RemovedNamespace[]
  readonly alone: readonly Finding[]
}

/** Groups the removals of a message by namespaces that are gone. */
export function removalsOf({ removed, goneNamespaces }: Message): Removals {
  const gone = new Set(goneNamespaces)
  return {
    namespaces: goneNamespaces.map(name => ({
      name,
      workloads: byWorkload(removed.filter(({ workload }) => workload.namespace === name)).length,
    })),
    alone: removed.filter(({ workload }) => !gone.has(workload.namespace)),
  }
}

// The longest image that Kubernetes runs: a host, a repository of 255 characters, a tag of 128, and some.
const longestLine = 700

/** A text as one line of printable text: no channel may get control characters, line breaks, or marks that turn the direction of text. */
export function oneLine(text: string): string {
  const plain = shorten(text, longestLine).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return plain.trim() === '' ? '?' : plain
}
