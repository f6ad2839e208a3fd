import type { Evaluation } from '../evaluation/index.ts'
import { familiarRepository } from '../image/index.ts'
import type { Policy } from '../policy/index.ts'
import type { ContainerImage } from '../workload/index.ts'
import { beginning, plain } from './line-of-text.ts'
import type { Sentence } from './sentence.ts'

/** One container's image with its verdict. */
export interface JudgedImage extends ContainerImage {
  readonly evaluation: Evaluation
}

type Strategy = Policy['strategy']

/** That an image is outdated, and by how much. */
export function sayOutdated(judged: JudgedImage, strategy: Strategy): Sentence {
  const { newest = '', behind, line, reference } = judged.evaluation
  const [one, many] = nouns[strategy]
  return {
    ...sentenceOf(judged, `is ${behind} ${behind === 1 ? one : many} behind ${newest}`),
    line: line === undefined ? '' : ` (line ${line})`,
    asides: reference?.digest === undefined ? [] : [' (pinned by digest)'],
  }
}

/** The same, with the age of data that is too old to refuse anybody by. */
export function sayOutdatedAsOf(judged: JudgedImage, strategy: Strategy): Sentence {
  const said = sayOutdated(judged, strategy)
  const { age, stale } = judged.evaluation
  return stale && age !== undefined
    ? { ...said, asides: [` (data is ${spell(age)} old)`, ...said.asides] }
    : said
}

/** What is worth a warning about an image that is not outdated; undefined where nothing is. */
export function sayOther(judged: JudgedImage): Sentence | undefined {
  const { verdict, newest } = judged.evaluation
  switch (verdict) {
    case 'current':
      return sayCurrent(judged)
    case 'floating':
      return sentenceOf(judged, `floats; pin ${newest ?? 'a version'} to know what runs`)
    case 'unknown':
      return sayUnknown(judged)
    case 'outdated':
    case 'unversioned':
      return undefined
  }
}

/** The repository as a person writes it; an image that is no reference in quotes. */
export function repositoryOf({ image, evaluation: { reference } }: JudgedImage): string {
  if (reference !== undefined) return familiarRepository(reference)
  return `image ${JSON.stringify(beginning(plain(image), longestUnreadable))}`
}

/** The tag as written, with its colon; empty where there is none. */
export function tagOf({ evaluation: { reference } }: JudgedImage): string {
  return reference?.tag === undefined ? '' : `:${reference.tag}`
}

const longestUnreadable = 60 // a text that is no reference may be anything: the beginning shows what it is

const nouns: Readonly<Record<Strategy, readonly [one: string, many: string]>> = {
  rebuild: ['rebuild', 'rebuilds'],
  patch: ['patch', 'patches'],
  minor: ['version', 'versions'],
  major: ['version', 'versions'],
}

const whyNotChecked: Readonly<Partial<Record<Evaluation['reason'], string>>> = {
  'not-checked-yet': 'not checked yet',
  'not-allowed': 'not checked: registry is not in the configuration',
  'not-found': 'not checked: its registry has no such repository',
  unauthorized: 'not checked: its registry wants other credentials',
  'rate-limited': 'not checked: its registry asks to wait',
  unavailable: 'not checked: its registry does not answer',
  'invalid-answer': 'not checked: the answer of its registry is invalid',
  'no-tags': 'not checked: its repository has no tags',
  'too-many-images': 'not checked: too many images in one object',
}

function sayCurrent(judged: JudgedImage): Sentence | undefined {
  const { reason, elsewhere } = judged.evaluation
  const but = elsewhere === undefined ? '' : `, but ${elsewhere} exists`
  if (reason === 'not-listed') return sentenceOf(judged, `is no longer listed by its registry${but}`)
  return elsewhere === undefined ? undefined : sentenceOf(judged, `has no newer tag of its kind${but}`)
}

function sayUnknown(judged: JudgedImage): Sentence {
  const { reason, detail } = judged.evaluation
  if (reason === 'unreadable-credentials') return sentenceOf(judged, `not checked: ${secretIn(detail)}`)
  if (reason === 'invalid-reference') return sentenceOf(judged, 'is not a reference')
  return sentenceOf(judged, whyNotChecked[reason] ?? 'not checked')
}

// The detail begins with which one it is: `pull secret shop/regcred does not exist; …`. A name may have 253 characters,
// and the image has to be told too.
const namedSecret = /^pull secret [^\s:;]{1,40}(?=[\s:;])/

function secretIn(detail = ''): string {
  return `${namedSecret.exec(detail)?.[0] ?? 'its pull secret'} cannot be used`
}

/** The image as a person writes it, without its digest, and what is said of it. */
function sentenceOf(judged: JudgedImage, statement: string): Sentence {
  const repository = repositoryOf(judged)
  return {
    subject: judged.container,
    repository,
    statement: `${tagOf(judged)} ${statement}`,
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
