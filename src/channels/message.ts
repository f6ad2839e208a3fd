import {
  byWorkload,
  remedyFor,
  type CommandForm,
  type Digest,
  type Finding,
  type WorkloadFindings,
} from '../notification/index.ts'
import { removalsOf, type RemovedNamespace } from './removals.ts'

/** A digest in words, before any channel's marks. Everything that a cluster or a registry named is one line of printable text. */
export interface Message {
  /** One line: where, and how many. */
  readonly subject: string
  readonly sections: readonly Section[]
}

/** One part of a message. */
export interface Section {
  readonly title: string
  readonly groups: readonly Group[]
  /** How many workloads are left out. */
  readonly more: number
}

/** What there is to say of one workload. */
export interface Group {
  /** `shop: deployment/web` */
  readonly workload: string
  readonly lines: readonly Line[]
  /** How many of its containers are left out. */
  readonly more: number
  readonly command: string | undefined
  readonly hint: string | undefined
}

/** One container, in three pieces to be put together as they are: `migrate: `, the image, ` -> 2.0.3 (1 behind)`. */
export interface Line {
  readonly before: string
  readonly image: string
  readonly after: string
}

/** How long a message may be, and which form its commands have. */
export interface MessageOptions {
  readonly commands: CommandForm | 'none'
  /** In each section. */
  readonly mostWorkloads: number
}

/** The message of a digest. */
export function messageOf(digest: Digest, options: MessageOptions): Message {
  const { appeared, changed, resolved, failing, remaining, at } = digest
  const { alone, namespaces } = removalsOf(digest)
  const silent = { ...options, commands: 'none' } as const
  const outdated = (finding: Finding): string => outdatedText(finding, at)
  const sections = [
    sectionOf({ title: 'New', findings: appeared, say: outdated }, options),
    sectionOf({ title: 'A still newer tag', findings: changed, say: outdated }, options),
    sectionOf({ title: 'Resolved', findings: resolved, say: () => ' resolved' }, silent),
    withNamespaces(
      sectionOf({ title: 'Removed', findings: alone, say: () => ' removed' }, silent),
      namespaces,
      options,
    ),
    sectionOf({ title: 'Cannot be checked', findings: failing, say: failingText }, silent),
    sectionOf(
      {
        title: 'Still outdated',
        findings: tellsRemaining(digest) ? remaining : [],
        say: outdated,
      },
      options,
    ),
  ]
  return { subject: subjectOf(digest), sections: sections.filter(({ groups }) => groups.length > 0) }
}

/** Whether what was told of before is told again: as a reminder, or to a channel that has not heard of it. */
export function tellsRemaining({ occasion }: Digest): boolean {
  return occasion === 'reminder' || occasion === 'first'
}

/** The totals in one line. */
export function subjectOf({ cluster, totals, occasion }: Digest): string {
  const where = cluster === undefined ? 'patchline' : `patchline (${oneLine(cluster)})`
  const { old, failing, snoozed, unchecked = 0 } = totals
  const asides = [
    ...(old > 0 ? [`${old} for more than 14 days`] : []),
    ...(snoozed > 0 ? [`${snoozed} snoozed`] : []),
    ...(failing > 0 ? [`${failing} cannot be checked`] : []),
    ...(unchecked > 0 ? [`${unchecked} not checked yet`] : []),
  ]
  const test = occasion === 'test' ? 'test: ' : ''
  return `${where}: ${test}${[stateText(totals), ...asides].join(', ')}`
}

function stateText({ outdated, containers, failing, unchecked = 0 }: Digest['totals']): string {
  if (containers === 0) return 'no containers were found'
  if (outdated > 0) return `${outdated} of ${containers} containers ${outdated === 1 ? 'is' : 'are'} outdated`
  return failing + unchecked > 0
    ? `none of ${containers} containers is known to be outdated`
    : `all ${containers} containers are up to date`
}

interface Told {
  readonly title: string
  readonly findings: readonly Finding[]
  readonly say: (finding: Finding) => string
}

function sectionOf({ title, findings, say }: Told, { commands, mostWorkloads }: MessageOptions): Section {
  const workloads = byWorkload(findings)
  const groups = workloads.slice(0, mostWorkloads).map(workload => groupOf(workload, say, commands))
  return { title, groups, more: workloads.length - groups.length }
}

function withNamespaces(
  section: Section,
  namespaces: readonly RemovedNamespace[],
  { mostWorkloads }: MessageOptions,
): Section {
  const whole = namespaces.map(({ name, workloads }) => ({
    workload: oneLine(`namespace ${name}`),
    lines: [],
    more: 0,
    command: undefined,
    hint: `removed with ${workloads === 1 ? 'a workload' : `${workloads} workloads`} that had findings`,
  }))
  const groups = [...whole, ...section.groups]
  const shown = groups.slice(0, mostWorkloads)
  return { ...section, groups: shown, more: section.more + groups.length - shown.length }
}

// A pod with more containers than that is a test of ours or somebody's attack.
const mostLines = 12

function groupOf(
  { namespace, kind, name, findings }: WorkloadFindings,
  say: Told['say'],
  commands: MessageOptions['commands'],
): Group {
  const remedy = commands === 'none' ? undefined : remedyFor(findings, commands)
  const isNamed = findings.length > 1
  const lines = findings.slice(0, mostLines).map(finding => ({
    before: isNamed ? `${oneLine(finding.container)}: ` : '',
    image: oneLine(finding.image),
    after: say(finding),
  }))
  return {
    workload: oneLine(`${namespace}: ${kind.toLowerCase()}/${name}`),
    lines,
    more: findings.length - lines.length,
    // A command that was shortened or changed would be another command.
    command: remedy?.command !== undefined && isPrintable(remedy.command) ? remedy.command : undefined,
    hint: remedy?.hint === undefined ? undefined : oneLine(remedy.hint),
  }
}

function failingText({ detail, reason }: Finding): string {
  return `: ${oneLine(detail ?? reason)}`
}

function outdatedText({ kind, newest, behind, since, newestOverall }: Finding, at: number): string {
  if (kind === 'moved' || newest === undefined) return ' has moved on: restart to pull it anew'
  const asides = [
    `${behind} behind`,
    ...(since === undefined ? [] : [`for ${ageText(at - since)}`]),
    ...(newestOverall === undefined || newestOverall === newest
      ? []
      : [`newest of all: ${oneLine(newestOverall)}`]),
  ]
  return ` -> ${oneLine(newest)} (${asides.join(', ')})`
}

const hour = 3_600_000

function ageText(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / hour))
  if (hours < 1) return 'less than an hour'
  if (hours < 48) return `${hours} hour${hours === 1 ? '' : 's'}`
  return `${Math.floor(hours / 24)} days`
}

const longest = 300

// Control characters, line breaks and marks that turn the direction of text have no place in any of the channels.
function oneLine(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  const plain = cut.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return plain.trim() === '' ? '?' : plain
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]{1,2000}$/.test(text)
}
