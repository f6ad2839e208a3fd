import { InvalidReferenceError, parseReference } from '../image/index.ts'
import { isDnsLabel, isDnsSubdomain, shellWords } from '../text/index.ts'
import { workloadKindNamed, type WorkloadKind } from '../workload/index.ts'
import type { Finding } from './finding.ts'
import { managerHint } from './manager-hint.ts'

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
  const { manager, newest } = first
  if (manager !== undefined && newest !== undefined && changes.length > 0)
    return { command: kustomizeCommand(changes), hint: managerHint(manager, newest) }
  const flaw = changes.length === 0 || !isSettable(kind) ? undefined : flawOf(changes)
  return {
    command: flaw === undefined ? commandFor(kind, changes, form) : undefined,
    hint: flaw ?? kindHint(kind, first),
  }
}

// Of what only kustomize manages; the folder is the reader's.
function kustomizeCommand(changes: readonly Finding[]): string | undefined {
  if (
    !changes.every(({ manager, newestImage = '' }) => manager?.by === 'kustomize' && isReference(newestImage))
  )
    return undefined
  const images = new Set(changes.map(({ newestImage = '' }) => newestImage))
  const pairs = [...images].map(image => {
    const [tagged = ''] = image.split('@', 1)
    return `${tagged.slice(0, tagged.lastIndexOf(':'))}=${image}`
  })
  return shellWords(['kustomize', 'edit', 'set', 'image', ...pairs])
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

function isSettable(kind: WorkloadKind | undefined): kind is WorkloadKind {
  return kind !== undefined && settable.has(kind.kind)
}

/**
 * Why no command is made of findings: a person pastes it with rights of their own, and the name of an owner is whatever a
 * pod claims it to be, `--server=http://example.com` too. Undefined where every part is what Kubernetes and OCI allow.
 */
function flawOf(findings: readonly Finding[]): string | undefined {
  const isNamed = findings.every(
    ({ workload, container }) =>
      isDnsLabel(workload.namespace) && isDnsSubdomain(workload.name) && isDnsLabel(container),
  )
  if (!isNamed) return 'no command is shown: a name in it would be none that Kubernetes allows'
  return findings.every(({ newestImage = '' }) => isReference(newestImage))
    ? undefined
    : 'no command is shown: the image in it would be no reference'
}

function isReference(text: string): boolean {
  try {
    return parseReference(text).tag !== undefined
  } catch (error) {
    if (error instanceof InvalidReferenceError) return false
    throw error
  }
}

function commandFor(
  kind: WorkloadKind | undefined,
  findings: readonly Finding[],
  form: CommandForm,
): string | undefined {
  const [first] = findings
  if (first === undefined || !isSettable(kind)) return undefined
  const { namespace, name } = first.workload
  const start = ['kubectl', '-n', namespace]
  const inContainers = findings.filter(({ field }) => field !== 'volume')
  if (form === 'set-image' && inContainers.length > 0) {
    const images = inContainers.map(({ container, newestImage = '' }) => `${container}=${newestImage}`)
    return shellWords([...start, 'set', 'image', `${kind.kind.toLowerCase()}/${name}`, ...images])
  }
  const patch = JSON.stringify(patchOf(kind, findings))
  return shellWords([...start, 'patch', kind.kind.toLowerCase(), name, '--patch', patch])
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

function kindHint(kind: WorkloadKind | undefined, { workload }: Finding): string | undefined {
  if (kind?.kind === 'Job')
    return 'the template of a Job cannot be changed: what makes the Job must name the newer tag'
  if (kind?.kind === 'Pod') return 'nothing makes this pod anew: change where it comes from too'
  if (isSettable(kind)) return undefined
  // The kind of an owner is free text too.
  const what = /^[A-Za-z][A-Za-z0-9]{0,62}$/.test(workload.kind) ? workload.kind : 'workload'
  return `change the image where this ${what} says it`
}
