import { readImageTag, readSuffix, type Fields, type Suffix } from '../tag/fields.ts'
import type { NumberPart } from '../tag/parts.ts'
import { wholeText, type TagList } from '../tag/tag-list.ts'
import { alwaysCountsBuilds, stageOf } from '../tag/words.ts'
import { entryOf } from './entry-of.ts'
import { evidenceOf, type Evidence } from './evidence.ts'
import { isCompanion, roleOf, settledRole, type Grammar, type Role } from './grammar.ts'
import { wholeOf } from './learn.ts'
import type { SlotSample } from './samples.ts'

/** What the tags of a repository teach of the numbers in one place behind the version. */
export interface Lesson {
  /** Tags up to the place, with `#` for numbers and `*` for commits: `-rancher#`. */
  readonly place: string
  readonly role: Role
  /** In how many tags a number stands there. */
  readonly tags: number
  /** Some of the numbers as they are written, from the lowest on. */
  readonly examples: readonly string[]
  /** What tells the role, as the end of a sentence about the examples. */
  readonly because: string
}

/** What a list teaches, the most frequent places first. Reads the whole list: for a person who asks. */
export function lessonsOf(list: TagList, grammar: Grammar): readonly Lesson[] {
  const places = new Map<string, SlotSample[]>()
  for (const { prefix, core, suffix } of fieldsIn(list))
    for (const [at, part] of suffix.parts.entries())
      if (isCounted(part, at, core))
        entryOf(places, part.slot, () => new Array<SlotSample>()).push({
          sample: { prefix, core, parts: suffix.parts },
          at,
          part,
        })
  return [...places.values()].map(samples => lessonOf(samples, grammar)).toSorted((a, b) => b.tags - a.tags)
}

function isCounted(part: Suffix['parts'][number], at: number, core: Fields['core']): part is NumberPart {
  return part.kind === 'number' && stageOf(part.word) === undefined && !(at === 0 && isCompanion(part, core))
}

function* fieldsIn(list: TagList): Generator<Fields> {
  const text = wholeText(list)
  for (let at = 0; at < list.length; at++) {
    const fields = readImageTag(text.slice(list.starts[at], list.starts[at + 1]), readSuffix)
    if (typeof fields !== 'string') yield fields
  }
}

const mostExamples = 4

function lessonOf(samples: readonly SlotSample[], grammar: Grammar): Lesson {
  const [first] = samples
  if (first === undefined) throw new Error('a place has samples')
  const { part } = first
  const role = roleOf(part, grammar)
  const texts = [...new Set(samples.map(sample => sample.part.text))].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  return {
    place: part.slot,
    role,
    tags: samples.length,
    examples: texts.slice(0, mostExamples),
    because: reasonOf(part, role, wholeOf(evidenceOf(samples, grammar.roles))),
  }
}

function reasonOf(part: NumberPart, role: Role, evidence: Evidence): string {
  switch (role) {
    case 'decoration':
      return 'commits stand there in other tags'
    case 'choice':
      return reasonOfChoice(part, evidence)
    case 'undecided':
      return 'nothing tells that they count up'
    case 'revision':
      return reasonOfRevision(part, evidence)
  }
}

function reasonOfChoice(part: NumberPart, { together }: Evidence): string {
  if (settledRole(part) === 'choice') return `"${part.word}" says what the image is built on or for`
  return `the same ones stand side by side at ${versions(together)}`
}

function reasonOfRevision(part: NumberPart, { together, startLow, rises, restarts }: Evidence): string {
  if (part.isDate) return 'they are dates'
  if (alwaysCountsBuilds(part.word)) return `"${part.word}" counts builds wherever it is used`
  if (settledRole(part) === 'revision') return 'numbers as long as these are dates or builds'
  if (part.values.length > 1) return 'a version that moves along with the version before it'
  if (together > 0 && startLow > 0)
    return `they count up within a version, from the bottom at ${versions(startLow)}`
  if (rises > 1 && rises > restarts) return `they go on from version to version, ${rises} times`
  return 'they count up, or begin like what counts'
}

function versions(count: number): string {
  return count === 1 ? '1 version' : `${count} versions`
}
