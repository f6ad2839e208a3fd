import { workloadKindNamed, type WorkloadKind } from '../workload/index.ts'
import type { Finding } from './finding.ts'

/** `set-image` is short; `patch` also reaches image volumes. */
export type CommandForm = 'set-image' | 'patch'

/** What to do about the findings of one workload. */
export interface Remedy {
  /** The whole command, to be pasted into a shell; undefined where none would do. */
  readonly command: string | undefined
  /** What to know or to do instead or besides. */
  readonly hint: string | undefined
}

/** The remedy for findings that all are of one workload and have a tag to go to. */
export function remedyFor(findings: readonly Finding[], form: CommandForm): Remedy {
  const [first] = findings
  if (first === undefined) return { command: undefined, hint: undefined }
  const kind = workloadKindNamed(first.workload.apiVersion, first.workload.kind)
  const changes = findings.filter(
    ({ newestImage, field }) => newestImage !== undefined && field !== 'ephemeral',
  )
  return { command: commandFor(kind, changes, form), hint: helmHint(first) ?? kindHint(kind, first) }
}

// What `kubectl set image` lists as possible resources; a Job's template cannot be changed, another kind's is not known.
const settable = new Set([
  'Pod',
  'ReplicationController',
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'ReplicaSet',
  'CronJob',
])

function commandFor(
  kind: WorkloadKind | undefined,
  findings: readonly Finding[],
  form: CommandForm,
): string | undefined {
  const [first] = findings
  if (first === undefined || kind === undefined || !settable.has(kind.kind)) return undefined
  const { namespace, name } = first.workload
  const start = ['kubectl', '-n', namespace]
  const inContainers = findings.filter(({ field }) => field !== 'volume')
  if (form === 'set-image' && inContainers.length > 0) {
    const images = inContainers.map(({ container, newestImage = '' }) => `${container}=${newestImage}`)
    return words([...start, 'set', 'image', `${kind.kind.toLowerCase()}/${name}`, ...images])
  }
  const patch = JSON.stringify(patchOf(kind, findings))
  return words([...start, 'patch', kind.kind.toLowerCase(), name, '--patch', patch])
}

const lists = { container: 'containers', init: 'initContainers', volume: 'volumes' } as const

// A strategic merge patch, kubectl's default: items of these lists are found by name and the others stay. A merge patch
// would replace the lists, and with them every container that is not named.
function patchOf(kind: WorkloadKind, findings: readonly Finding[]): unknown {
  const podSpec: Record<string, readonly unknown[]> = {}
  for (const [field, list] of Object.entries(lists)) {
    const items = findings
      .filter(finding => finding.field === field)
      .map(({ container, newestImage }) =>
        field === 'volume'
          ? { name: container, image: { reference: newestImage } }
          : { name: container, image: newestImage },
      )
    if (items.length > 0) podSpec[list] = items
  }
  const path = [...(kind.templates?.[0] ?? []), 'spec']
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), podSpec)
}

function helmHint({ release, newest }: Finding): string | undefined {
  if (release === undefined || newest === undefined) return undefined
  const chart = release.chart === undefined ? '' : ` (chart ${release.chart})`
  return `Helm release ${release.name}${chart} manages it: set the tag in its values, often image.tag=${newest}, or the next upgrade brings the old one back`
}

function kindHint(kind: WorkloadKind | undefined, { workload }: Finding): string | undefined {
  if (kind?.kind === 'Job')
    return 'the template of a Job cannot be changed: what makes the Job must name the newer tag'
  if (kind?.kind === 'Pod') return 'nothing makes this pod anew: change where it comes from too'
  if (kind === undefined || !settable.has(kind.kind))
    return `change the image where this ${workload.kind} says it`
  return undefined
}

/** Words as one line that a POSIX shell reads as exactly these words. */
export function words(texts: readonly string[]): string {
  return texts.map(quoted).join(' ')
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
