import type { Manager } from '../inventory/index.ts'
import { isDnsLabel, isDnsSubdomain } from '../text/index.ts'
import { workloadKindNamed, type WorkloadKind } from '../workload/index.ts'
import {
  commandFor,
  flawOf,
  isReference,
  isSettable,
  kustomizeCommand,
  type CommandForm,
} from './commands.ts'
import type { Finding } from './findings.ts'
import { partsOf, type WorkloadFindings } from './grouping.ts'

/** What to do about one image in however many workloads. */
export interface Advice {
  /** The command for the first workload that has one. */
  readonly command: string | undefined
  /** For how many more workloads it is the like with their names. */
  readonly likewise: number
  /** What to know or to do instead or besides, each said once. */
  readonly hints: readonly string[]
  /** How many more hints there are. */
  readonly moreHints: number
}

/** The advice for findings about one image. */
export function adviceFor(workloads: readonly WorkloadFindings[], form: CommandForm): Advice {
  const commands = new Set<string>()
  const hints = new Set<string>()
  for (const { findings } of workloads) {
    const remedy = remedyFor(findings, form)
    if (remedy.command !== undefined) commands.add(remedy.command)
    for (const hint of remedy.hints) hints.add(hint)
  }
  const [command] = commands
  return {
    command,
    likewise: Math.max(0, commands.size - 1),
    hints: [...hints].slice(0, mostHints),
    moreHints: Math.max(0, hints.size - mostHints),
  }
}

// An image in fifty workloads of fifty releases: the first ones show how.
const mostHints = 3

/** What to do about the findings of one workload. */
export interface Remedy {
  /** The whole command, to be pasted into a shell; undefined where none would do. */
  readonly command: string | undefined
  /** What to know or to do instead or besides. */
  readonly hints: readonly string[]
}

/** The remedy for findings that all are of one workload and have a tag to go to. */
export function remedyFor(findings: readonly Finding[], form: CommandForm): Remedy {
  const [first] = findings
  if (first === undefined) return { command: undefined, hints: [] }
  const kind = workloadKindNamed(first.workload.apiVersion, first.workload.kind)
  const lasting = findings.filter(({ newest, field }) => newest !== undefined && field !== 'ephemeral')
  const changes = lasting.filter(({ newestImage }) => newestImage !== undefined)
  const pins = new Set(lasting.filter(({ newestImage }) => newestImage === undefined).map(pinHint))
  const { manager, newest } = first
  if (manager !== undefined && newest !== undefined && lasting.length > 0)
    return { command: kustomizeCommand(changes), hints: [...pins, managerHint(manager, newest)] }
  const flaw = changes.length === 0 || !isSettable(kind) ? undefined : flawOf(changes)
  return {
    command: flaw === undefined ? commandFor(kind, changes, form) : undefined,
    hints: [...pins, ...[flaw ?? kindHint(kind, first)].filter(hint => hint !== undefined)],
  }
}

// The digest of the newest tag is not known: a command without it would give up the pin.
function pinHint({ image, newest }: Finding): string {
  const reference = `${partsOf(image).repository}:${newest}`
  return `pin ${isReference(reference) ? reference : 'the newer tag'} with its digest`
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

/**
 * Where to write the newer tag of an image that something applies from its own source: changed in the cluster, it would be changed
 * back. Labels and annotations are free text, which a channel would show with its marks: what is no name of Kubernetes is left out.
 */
function managerHint(manager: Manager, newest: string): string {
  const tag = tagText.test(newest) ? ` ${newest}` : ' the newer tag'
  switch (manager.by) {
    case 'helm':
      return `${named('Helm release', manager)}${chartOf(manager.chart)} manages it: set the tag in its values, often image.tag=${tag.trim()}`
    case 'flux-helm':
      return `${named('Flux HelmRelease', manager)} manages it: set the tag in its values, often image.tag=${tag.trim()}`
    case 'flux-kustomize':
      return `${named('Flux Kustomization', manager)} manages it: change the image in its source to${tag}`
    case 'argo-cd':
      return `${named('Argo CD application', manager)} manages it: change the image in its source to${tag}`
    case 'kustomize':
      return `kustomize made it${fileOf(manager.path)}: change the image beside its kustomization.yaml, then apply it`
  }
}

function named(
  what: string,
  { name, namespace }: { readonly name: string; readonly namespace: string | undefined },
): string {
  if (!isDnsSubdomain(name)) return `${article(what)} ${what}`
  return namespace === undefined || !isDnsLabel(namespace) || what === 'Helm release'
    ? `${what} ${name}`
    : `${what} ${namespace}/${name}`
}

function article(what: string): string {
  return /^[AEIOU]/.test(what) ? 'an' : 'a'
}

// The value of a label (apimachinery, IsValidLabelValue), a tag, and a path in a repository.
const labelValue = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const tagText = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const pathText = /^[A-Za-z0-9._-][A-Za-z0-9._/-]{0,199}$/

function chartOf(chart: string | undefined): string {
  return chart === undefined || !labelValue.test(chart) ? '' : ` (chart ${chart})`
}

function fileOf(path: string): string {
  return pathText.test(path) ? ` (${path})` : ''
}
