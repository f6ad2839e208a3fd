import type { Evaluation } from '../../evaluation/index.ts'
import { printable, shorten, spellInstant } from '../../text/index.ts'
import type { ContainerImage } from '../../workload/index.ts'
import type { Message } from './fit-message.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** One container's image with its verdict. */
export interface JudgedImage extends ContainerImage {
  readonly evaluation: Evaluation
}

/** What is said of an image, wherever it stands. */
export type Statement = Omit<Message, 'subjects'>

/** Describes an outdated image: how far it is behind, and of what. */
export function describeOutdated(judged: JudgedImage): Statement {
  const { newest = '', behind, counted, line, reference, unproven } = judged.evaluation
  const [one, many] = nouns[counted]
  return {
    ...statementOf(judged, `is ${behind} ${behind === 1 ? one : many} behind ${newest}`, `-> ${newest}`),
    line: line === undefined ? '' : ` (line ${line})`,
    asides: [
      ...(unproven ? [' (its platforms are not known)'] : []),
      ...(reference?.digest === undefined ? [] : [' (pinned by digest)']),
    ],
  }
}

/** The same, with the age of the data where it is too old to refuse an object by. */
export function describeOutdatedAsOf(judged: JudgedImage): Statement {
  const said = describeOutdated(judged)
  const { age, stale } = judged.evaluation
  return stale && age !== undefined
    ? { ...said, asides: [` (data is ${spell(age)} old)`, ...said.asides] }
    : said
}

/** What is worth a warning about an image that is not outdated; undefined where nothing is. */
export function describeOther(judged: JudgedImage): Statement | undefined {
  const { verdict, newest } = judged.evaluation
  switch (verdict) {
    case 'current':
      return describeCurrent(judged)
    case 'floating':
      return statementOf(judged, `floats; pin ${newest ?? 'a version'} to know what runs`, 'floats')
    case 'unknown':
      return describeUnknown(judged)
    case 'outdated':
    case 'unversioned':
      return undefined
  }
}

/** What is said of an image without a version, where a policy asks for that. */
export function describeUnversioned(judged: JudgedImage): Statement {
  return statementOf(judged, 'has no version that could be compared', 'has no version')
}

/** The repository as it is written; an image that is no reference in quotes. */
export function repositoryOf({ image, evaluation: { reference } }: JudgedImage): string {
  if (reference === undefined) return `image ${JSON.stringify(shorten(printable(image), longestUnreadable))}`
  const [named = ''] = image.split('@')
  return reference.tag === undefined ? named : named.slice(0, -`:${reference.tag}`.length)
}

/** The tag as written, with its colon; empty where there is none. */
export function tagOf({ evaluation: { reference } }: JudgedImage): string {
  return reference?.tag === undefined ? '' : `:${reference.tag}`
}

const longestUnreadable = 60 // a text that is no reference may be anything: the beginning shows what it is

const nouns: Readonly<Record<Evaluation['counted'], readonly [one: string, many: string]>> = {
  versions: ['version', 'versions'],
  revisions: ['image revision', 'image revisions'],
}

const whyNotChecked: Readonly<Partial<Record<Evaluation['reason'], string>>> = {
  'not-checked-yet': 'not checked yet',
  'not-found': 'not checked: its registry has no such repository',
  unauthorized: 'not checked: its registry wants other credentials',
  'rate-limited': 'not checked: its registry asks to wait',
  unavailable: 'not checked: its registry does not answer',
  'invalid-answer': 'not checked: the answer of its registry is invalid',
  'no-tags': 'not checked: its repository has no tags',
  'too-many-images': 'not checked: too many images in one object',
}

function describeCurrent(judged: JudgedImage): Statement | undefined {
  const { reason, elsewhere, wasListed, waiting } = judged.evaluation
  if (waiting !== undefined)
    return statementOf(
      judged,
      `has no newer tag to go to yet; ${waiting.tag} from ${spellInstant(waiting.until)}`,
      `: ${waiting.tag} later`,
    )
  const but = elsewhere === undefined ? '' : `, but ${elsewhere} exists`
  if (reason === 'not-listed')
    return statementOf(
      judged,
      `is ${wasListed ? 'no longer' : 'not'} listed by its registry${but}`,
      'is not listed',
    )
  return elsewhere === undefined
    ? undefined
    : statementOf(judged, `has no newer tag of its kind${but}`, `, but ${elsewhere} exists`)
}

function describeUnknown(judged: JudgedImage): Statement {
  const { reason, detail, reference } = judged.evaluation
  if (reason === 'unreadable-credentials')
    return statementOf(judged, `not checked: ${secretIn(detail)}`, 'not checked')
  if (reason === 'invalid-reference') return statementOf(judged, 'is not a reference', 'is not a reference')
  if (reason === 'not-allowed')
    return statementOf(
      judged,
      `not checked: ${reference?.registry} is not in Patchline's configuration`,
      'not checked',
    )
  return statementOf(judged, whyNotChecked[reason] ?? 'not checked', 'not checked')
}

// The detail begins with which one it is: `pull secret shop/regcred does not exist; …`. A name may have 253 characters,
// and the image has to be told too.
const namedSecret = /^pull secret [^\s:;]{1,40}(?=[\s:;])/

function secretIn(detail = ''): string {
  return `${namedSecret.exec(detail)?.[0] ?? 'its pull secret'} cannot be used`
}

/** The image as it is written, without its digest, and what is said of it. */
function statementOf(judged: JudgedImage, statement: string, short: string): Statement {
  return {
    repository: repositoryOf(judged),
    tag: tagOf(judged),
    statement: ` ${statement}`,
    short: short.startsWith(',') ? short : ` ${short}`,
    line: '',
    asides: [],
  }
}

const minute = 60_000
const units = [
  ['day', 24 * 60 * minute],
  ['hour', 60 * minute],
  ['minute', minute],
] as const

function spell(age: number): string {
  const [name, length] = units.find(unit => age >= unit[1]) ?? units[2]
  const count = Math.max(1, Math.floor(age / length))
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** The containers of an object that have one image. */
export interface Place {
  readonly request: AdmissionRequest
  readonly containers: readonly ContainerImage[]
  /** The object has no other image. */
  readonly alone: boolean
}

/**
 * What a warning is about, from the longest way to say it to the shortest: the object, and its containers where it has several
 * images. kubectl shows equal warnings once, so without the object's name those about others would vanish.
 */
export function subjectsOf({ request: { name }, containers, alone }: Place): readonly string[] {
  const [first, ...others] = containers.map(({ container }) => container)
  if (first === undefined) return [name]
  // Without a name the API server makes it up later (generateName).
  if (others.length === 0) return [name === '' ? first : alone || name === first ? name : `${name}/${first}`]
  const count = `${containers.length} containers`
  const inObject = name === '' ? '' : `${name}/`
  const lists = [
    [first, ...others].join(', '),
    ...(others.length > 1 ? [`${first}, ${others[0]}, …`] : []),
    `${first}, …`,
  ]
  return [...lists.map(list => `${count} (${inObject}${list})`), name === '' ? count : `${name}, ${count}`]
}

/** The object of a request as a refusal names it: `Deployment web`. */
export function objectOf({ kind, name }: AdmissionRequest): string {
  return name === '' ? kind : `${kind} ${name}`
}

const mostNamed = 3

/** Containers as a refusal names them: `container web, init container wait`. */
export function containersOf(containers: readonly ContainerImage[]): string {
  const names = containers.map(({ container, field }) => `${fieldNames[field]} ${container}`)
  const left = names.length - mostNamed
  return [...names.slice(0, mostNamed), ...(left > 0 ? [`${left} more`] : [])].join(', ')
}

const fieldNames: Readonly<Record<ContainerImage['field'], string>> = {
  container: 'container',
  init: 'init container',
  ephemeral: 'ephemeral container',
  volume: 'image volume',
}
