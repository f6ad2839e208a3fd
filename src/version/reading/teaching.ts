import type { Grammar, Series } from '../grammar/grammar.ts'
import { lessonsOf, type Lesson } from '../grammar/lessons.ts'
import { neutralPrefix, readFields, type Fields } from '../tag/fields.ts'
import { textsOf } from '../tag/tag-list.ts'
import type { LearnedTags } from './learned-tags.ts'
import { builtInReading } from './tag-reading.ts'

/** What the tags of a repository teach, for a person. */
export interface Teaching {
  readonly places: readonly Lesson[]
  /** What is known of the numbers of the versions themselves, a sentence each. */
  readonly remarks: readonly string[]
}

/** All that the tags of a repository teach. */
export function teachingOf(tags: LearnedTags): Teaching {
  const { list, grammar } = tags
  return {
    places: lessonsOf(list, grammar),
    remarks: [...remarksOnScheme(tags), ...remarksOn(grammar, undefined)],
  }
}

// A scheme wins over what is learned, and one that fits no tag should be seen.
function remarksOnScheme({ list, grammar, reading }: LearnedTags): readonly string[] {
  if (reading === builtInReading) return []
  const read = reading.reader(grammar)
  const versions = textsOf(list).map(read)
  const fitting = versions.filter(version => typeof version !== 'string' && version.kind === 'scheme').length
  return [`${fitting} of ${list.length} tags are read by a scheme, whatever is learned`]
}

/** What of it concerns one tag. */
export function teachingFor(tag: string, { list, grammar }: LearnedTags): Teaching {
  const fields = readFields(tag)
  if (typeof fields === 'string') return { places: [], remarks: [] }
  const slots = new Set(fields.suffix.parts.flatMap(part => (part.kind === 'number' ? [part.slot] : [])))
  return {
    places: lessonsOf(list, grammar).filter(({ place }) => slots.has(place)),
    remarks: remarksOn(grammar, fields),
  }
}

function remarksOn(grammar: Grammar, own: Fields | undefined): readonly string[] {
  const { decorations, countsWithB, largestCounter } = grammar
  const words = [...decorations].filter(word => own === undefined || own.suffix.text.includes(word))
  const remarks = [
    ...remarksOnSeries(grammar.series, own),
    words.length > 0 && `"${words.join('", "')}" stands only before commits, and says nothing`,
    countsWithB && '"b" counts builds: no release of the same numbers is listed beside one',
    largestCounter > 0 && `lone numbers up to ${largestCounter} count builds`,
  ]
  return remarks.filter(remark => typeof remark === 'string')
}

function remarksOnSeries(series: Series, own: Fields | undefined): readonly (string | false)[] {
  const { ofTwoNumbers, fixedPairs, builtPairs, inDevelopment } = series
  const key = own && `${neutralPrefix(own.prefix)} ${own.core[0]}`
  const told = (keys: ReadonlySet<string>): string =>
    [...keys]
      .filter(one => key === undefined || one === key || one.startsWith(`${key}.`))
      .map(one => one.trim())
      .join(', ')
  const [two, fixed, built, developed] = [ofTwoNumbers, fixedPairs, builtPairs, inDevelopment].map(told)
  return [
    two !== '' && `in ${two} the second number counts patches`,
    fixed !== '' && `in ${fixed} tags of two numbers are releases that stay`,
    built !== '' && `in ${built} tags of two numbers stand for the newest of their builds`,
    developed !== '' && `${developed} begin at .1 beside even ones that begin at .0: in development`,
  ]
}
