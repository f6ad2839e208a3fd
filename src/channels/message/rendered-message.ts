import {
  adviceFor,
  byImage,
  type Advice,
  type CommandForm,
  type Message,
  type Finding,
  type ImageFindings,
  type WorkloadFindings,
} from '../../notification/index.ts'
import { oneLine, removalsOf, stateOf, subjectOf, type RemovedNamespace } from './summary.ts'

/** A message in words, before the markup of a channel. Each name from a cluster or a registry is one line of printable text. */
export interface RenderedMessage {
  /** One line: where, what is new, and how many; at most 150 characters. */
  readonly subject: string
  readonly sections: readonly Section[]
  /** The totals, shown last; undefined where the subject is just that. */
  readonly totals: string | undefined
}

/** One part of a message. */
export interface Section {
  readonly title: string
  readonly entries: readonly Entry[]
  /** How many images are left out. */
  readonly more: number
}

/** One image and its workloads. */
export interface Entry {
  /** `nginx 1.25.1` */
  readonly image: string
  /** What follows it: ` -> 1.25.5: 50 workloads in 12 namespaces (4 versions behind)`. */
  readonly after: string
  /** Where to read more: the tags of its repository, its release notes or its source. */
  readonly links: readonly Link[]
  /** Its workloads: `shop: deployment/web, deployment/cart`. */
  readonly places: readonly string[]
  /** To be pasted into a shell as it is. */
  readonly command: string | undefined
  /** What a person should know or do. */
  readonly hints: readonly string[]
}

/** An address with what it leads to; neither needs more than the escapes of a channel. */
export interface Link {
  readonly label: 'tags' | ProjectLink['label']
  readonly url: string
}

type ProjectLink = NonNullable<ImageFindings['project']>

/** How long a message may be, and which form its commands have. */
export interface RenderOptions {
  readonly commands: CommandForm | 'none'
  /** In each section. */
  readonly mostImages: number
  /** Whether images have links; they have if not given. */
  readonly links?: boolean
}

/** Renders a message in words. */
export function renderMessage(message: Message, options: RenderOptions): RenderedMessage {
  const { appeared, changed, resolved, failing, remaining, emergencies, at } = message
  const outdated = (image: ImageFindings): string => outdatedText(image, at)
  const still = tellsRemaining(message) ? remaining : []
  const sections = [
    sectionOf({ title: 'Break-glass', findings: emergencies, say: emergencyText }, silent(options)),
    sectionOf({ title: 'New', findings: appeared, say: outdated }, options),
    sectionOf({ title: 'A still newer tag', findings: changed, say: outdated }, options),
    sectionOf({ title: 'Resolved', findings: resolved, say: resolvedText }, silent(options)),
    removedSection(message, options),
    sectionOf({ title: 'Cannot be checked', findings: failing, say: failingText }, silent(options)),
    sectionOf({ title: 'Still outdated', findings: still, say: outdated }, options),
  ].filter(({ entries }) => entries.length > 0)
  const subject = subjectOf(message)
  const totals = stateOf(message)
  return { subject, sections, totals: subject.endsWith(`: ${totals}`) ? undefined : totals }
}

// For sections in which there is nothing to do.
function silent(options: RenderOptions): RenderOptions {
  return { ...options, commands: 'none', links: false }
}

/** Whether a message repeats findings of earlier messages: a reminder, or the first message to a channel. */
export function tellsRemaining({ occasion }: Message): boolean {
  return occasion === 'reminder' || occasion === 'first'
}

interface Told {
  readonly title: string
  readonly findings: readonly Finding[]
  readonly say: (image: ImageFindings) => string
}

function sectionOf({ title, findings, say }: Told, options: RenderOptions): Section {
  const images = byImage(findings)
  const entries = images.slice(0, options.mostImages).map(image => entryOf(image, say, options))
  return { title, entries, more: images.length - entries.length }
}

function entryOf(image: ImageFindings, say: Told['say'], { commands, links = true }: RenderOptions): Entry {
  const { workloads } = image
  const advice = commands === 'none' ? undefined : adviceFor(workloads, commands)
  return {
    image: imageText(image),
    after: say(image),
    links: links ? linksOf(image) : [],
    places: placesOf(workloads),
    // A command that was shortened or changed would be another command.
    command: advice?.command !== undefined && isPrintable(advice.command) ? advice.command : undefined,
    hints: advice === undefined ? [] : hintsOf(advice),
  }
}

function linksOf({ page, project }: ImageFindings): readonly Link[] {
  const tags = page === undefined ? undefined : ({ label: 'tags', url: page } as const)
  return [tags, project].filter(link => link !== undefined)
}

function removedSection(message: Message, options: RenderOptions): Section {
  const { alone, namespaces } = removalsOf(message)
  const section = sectionOf({ title: 'Removed', findings: alone, say: removedText }, silent(options))
  const entries = [...namespaces.map(namespaceEntry), ...section.entries]
  const shown = entries.slice(0, options.mostImages)
  return { ...section, entries: shown, more: section.more + entries.length - shown.length }
}

// The name stands for all that was in it.
function namespaceEntry({ name, workloads }: RemovedNamespace): Entry {
  const what = workloads === 1 ? 'a workload' : `${workloads} workloads`
  return {
    image: oneLine(`namespace ${name}`),
    after: ` is there no more, nor ${what} in it that had findings`,
    links: [],
    places: [],
    command: undefined,
    hints: [],
  }
}

// More tags of one line in use at a time are an exception, and the first ones show it.
const mostTags = 4

function imageText({ repository, tags }: ImageFindings): string {
  const left = tags.length - mostTags
  const shown = tags.slice(0, mostTags).join(', ')
  return oneLine(
    [repository, shown, ...(left > 0 ? [`and ${left} more tags`] : [])].filter(Boolean).join(' '),
  )
}

function hintsOf({ command, likewise, hints, moreHints }: Advice): readonly string[] {
  return [
    ...(command === undefined || likewise === 0
      ? []
      : [`the like for ${likewise} more ${likewise === 1 ? 'workload' : 'workloads'}, with their names`]),
    ...hints.map(oneLine),
    ...(moreHints > 0 ? [`and ${moreHints} more that manage it`] : []),
  ]
}

/** `50 workloads in 12 namespaces`; undefined for one, which is named. */
function extentOf({ workloads, namespaces }: ImageFindings): string | undefined {
  if (workloads.length === 1) return undefined
  return `${workloads.length} workloads${namespaces === 1 ? '' : ` in ${namespaces} namespaces`}`
}

function inBrackets(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`
}

function failingText(image: ImageFindings): string {
  const { detail, reason } = image.oldest
  return `${inBrackets(extentOf(image))}: ${oneLine(detail ?? reason)}`
}

function resolvedText(image: ImageFindings): string {
  const { kind, now, image: before, emergency } = image.oldest
  const extent = inBrackets(extentOf(image))
  if (emergency !== undefined) return `${extent}: ${overText(emergency)}`
  if (kind === 'failing') return `${extent} can be checked again`
  if (now === undefined) return `${extent} is resolved`
  return now === before ? `${extent} still runs, and is resolved` : `${extent}: now ${oneLine(now)}`
}

function removedText(image: ImageFindings): string {
  const { emergency } = image.oldest
  const over = emergency === undefined ? '' : `: ${overText(emergency)}`
  return `${inBrackets(extentOf(image))} is there no more${over}`
}

type Emergency = NonNullable<Finding['emergency']>

function emergencyText(image: ImageFindings): string {
  const { emergency } = image.oldest
  const extent = inBrackets(extentOf(image))
  if (emergency === undefined) return extent
  const { policy, reason } = emergency
  return `${extent}: not refused by policy ${oneLine(policy)} because of break-glass: ${oneLine(reason)}`
}

function overText({ policy, reason }: Emergency): string {
  return `break-glass is over (policy ${oneLine(policy)}: ${oneLine(reason)})`
}

function outdatedText(image: ImageFindings, at: number): string {
  const { oldest, farthest, tags } = image
  const { kind, newest, since, newestOverall } = oldest
  const extent = extentOf(image)
  if (kind === 'moved' || newest === undefined)
    return `${inBrackets(extent)} has moved on: restart to pull it anew`
  const asides = [
    `${tags.length > 1 ? 'up to ' : ''}${farthest.distance} behind`,
    ...(since === undefined ? [] : [`for ${ageText(at - since)}`]),
    ...(newestOverall === undefined || newestOverall === newest
      ? []
      : [`newest of all: ${oneLine(newestOverall)}`]),
  ]
  return ` -> ${oneLine(newest)}${extent === undefined ? '' : `: ${extent}`} (${asides.join(', ')})`
}

const hour = 3_600_000

function ageText(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / hour))
  if (hours < 1) return 'less than an hour'
  if (hours < 48) return `${hours} hour${hours === 1 ? '' : 's'}`
  return `${Math.floor(hours / 24)} days`
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]{1,1500}$/.test(text)
}

// An entry has to fit into a section of Slack (3000 characters) beside its command and its hints.
const room = 600

/**
 * Where an image is used: a line for each namespace, `shop: deployment/web, deployment/cart (init, main)`. Containers are named
 * where several of one workload use it. Workloads that do not fit are counted.
 */
export function placesOf(workloads: readonly WorkloadFindings[]): readonly string[] {
  const lines = new Map<string, string>()
  let used = 0
  let told = 0
  for (const workload of workloads) {
    const text = ownerText(workload)
    const line = lines.get(workload.namespace)
    const start = line ?? `${oneLine(workload.namespace)}: `
    used += text.length + (line === undefined ? start.length : 2)
    if (used > room && told > 0) break
    lines.set(workload.namespace, line === undefined ? start + text : `${line}, ${text}`)
    told++
  }
  const left = workloads.length - told
  return [
    ...lines.values(),
    ...(left > 0 ? [`and ${left} more ${left === 1 ? 'workload' : 'workloads'}`] : []),
  ]
}

// A pod with more containers of one image is a test or an attack.
const mostContainers = 4

function ownerText({ kind, name, findings }: WorkloadFindings): string {
  const containers = findings.slice(0, mostContainers).map(({ container }) => container)
  const left = findings.length - containers.length
  const named =
    findings.length === 1 ? '' : ` (${containers.join(', ')}${left > 0 ? ` and ${left} more` : ''})`
  return oneLine(`${kind.toLowerCase()}/${name}${named}`)
}
