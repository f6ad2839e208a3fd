import { InvalidReferenceError, parseReference } from '../image/index.ts'
import { isDnsLabel, isDnsSubdomain, shellWords } from '../text/index.ts'
import type { WorkloadKind } from '../workload/index.ts'
import type { Finding } from './findings.ts'

/** `set-image` is short; `patch` also reaches image volumes. */
export type CommandForm = 'set-image' | 'patch'

/** The command for what only kustomize manages, to be run in the reader's folder; undefined where it would not do. */
export function kustomizeCommand(changes: readonly Finding[]): string | undefined {
  if (
    changes.length === 0 ||
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

/** Whether kubectl can set the images of the kind. */
export function isSettable(kind: WorkloadKind | undefined): kind is WorkloadKind {
  return kind !== undefined && settable.has(kind.kind)
}

/**
 * Why no command is made of findings: a person pastes it with rights of their own, and the name of an owner is whatever a
 * pod claims it to be, `--server=http://example.com` too. Undefined where every part is what Kubernetes and OCI allow.
 */
export function flawOf(findings: readonly Finding[]): string | undefined {
  const isNamed = findings.every(
    ({ workload, container }) =>
      isDnsLabel(workload.namespace) && isDnsSubdomain(workload.name) && isDnsLabel(container),
  )
  if (!isNamed) return 'no command is shown: a name in it would be none that Kubernetes allows'
  return findings.every(({ newestImage = '' }) => isReference(newestImage))
    ? undefined
    : 'no command is shown: the image in it would be no reference'
}

/** Whether a text is a reference with a tag, which may stand in a command and in a hint. */
export function isReference(text: string): boolean {
  try {
    return parseReference(text).tag !== undefined
  } catch (error) {
    if (error instanceof InvalidReferenceError) return false
    throw error
  }
}

/** The kubectl command that changes the images of one workload; undefined where there is none. */
export function commandFor(
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
