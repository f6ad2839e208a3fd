import { isCompanion, roleOf, type Grammar } from '../grammar/grammar.ts'
import type { Fields } from '../tag/fields.ts'
import type { Numeral } from '../tag/numeral.ts'
import type { NumberPart, Part, TextPart } from '../tag/parts.ts'
import { isStageLetter, stageOf, stages, type Stage } from '../tag/words.ts'

/** What a suffix says under a grammar. */
export interface SuffixReading {
  readonly stage: Stage
  /** The numbers of the pre-release or fix level; none where none is written. */
  readonly stageNumbers: readonly Numeral[]
  /** What must be equal: words, bases, runtimes. */
  readonly variant: string
  /** The numbers in it that must be equal only because nothing tells what they are, and the variant with `#` for each. */
  readonly undecided: readonly (readonly Numeral[])[]
  readonly skeleton: string
  /** What the revisions count, in order: `-r#`; empty for none. */
  readonly revisionKinds: string
  readonly revisions: readonly (readonly Numeral[])[]
  /** Whether a commit stands in it. */
  readonly isDecorated: boolean
  /** The version directly behind a core of one or two numbers, which completes it. */
  readonly companion: NumberPart | undefined
}

/** What the suffix of fields says. */
export function suffixReading({ suffix, core }: Fields, grammar: Grammar): SuffixReading {
  const [head] = suffix.parts
  const companion = isCompanion(head, core) ? head : undefined
  const reading = createReading(grammar, companion)
  const parts = companion === undefined ? suffix.parts : suffix.parts.slice(1)
  for (let at = 0; at < parts.length; at++) {
    const [part, next] = [parts[at], parts[at + 1]]
    if (part?.kind === 'number') reading.takeNumber(part)
    else if (part?.kind === 'commit') reading.takeCommit()
    else if (part !== undefined && reading.takeText(part, { next, isWhole: core.length > 2 })) at++
  }
  return reading.finish()
}

interface Reading {
  readonly takeNumber: (part: NumberPart) => void
  readonly takeCommit: () => void
  /** Whether it took the next part as well. */
  readonly takeText: (part: TextPart, around: { next: Part | undefined; isWhole: boolean }) => boolean
  readonly finish: () => SuffixReading
}

function createReading(grammar: Grammar, companion: NumberPart | undefined): Reading {
  const rest = createRest(grammar)
  let level: Level | undefined
  return {
    takeNumber(part) {
      const own = level === undefined ? levelOfNumber(part, grammar) : undefined
      if (own === undefined) rest.addNumber(part)
      // Behind a date it is a fix of that day.
      else if (own.stage === stages.fix && rest.said.revisions.length > 0)
        rest.said.revisions.push(own.numbers)
      else level = own
    },
    takeCommit() {
      rest.said.isDecorated = true
    },
    takeText(part, { next, isWhole }) {
      if (grammar.decorations.has(part.word) && next?.kind === 'commit') return false
      const own = level === undefined ? levelOfText(part, next, isWhole) : undefined
      if (own === undefined) rest.addText(part.text)
      else level = own
      return own !== undefined && own.numbers.length > 0 && own.isApart
    },
    finish: () => ({
      ...rest.said,
      companion,
      stage: level?.stage ?? stages.release,
      stageNumbers: level?.numbers ?? [],
    }),
  }
}

/** What a suffix says besides a pre-release or a fix level. */
interface Rest {
  readonly addText: (text: string) => void
  readonly addNumber: (part: NumberPart) => void
  readonly said: Said
}

interface Said {
  variant: string
  skeleton: string
  revisionKinds: string
  isDecorated: boolean
  readonly undecided: (readonly Numeral[])[]
  readonly revisions: (readonly Numeral[])[]
}

function createRest(grammar: Grammar): Rest {
  const said: Said = {
    variant: '',
    skeleton: '',
    revisionKinds: '',
    isDecorated: false,
    undecided: [],
    revisions: [],
  }
  function addText(text: string, alike = text): void {
    said.variant += text
    said.skeleton += alike
  }
  function addNumber(part: NumberPart): void {
    const mark = `${part.lead}#`
    switch (roleOf(part, grammar)) {
      case 'choice':
        addText(part.text)
        break
      case 'undecided':
        said.undecided.push(part.values)
        addText(part.text, mark)
        break
      case 'decoration':
        said.isDecorated = true
        break
      case 'revision':
        said.revisionKinds += mark
        said.revisions.push(part.values)
    }
  }
  return { said, addText, addNumber }
}

/** A pre-release or a fix level. */
interface Level {
  readonly stage: Stage
  readonly numbers: readonly Numeral[]
  /** Whether the numbers are those of the next part: `-rc-1`. */
  readonly isApart: boolean
}

function levelOfText(part: TextPart, next: Part | undefined, isWhole: boolean): Level | undefined {
  const stage = isStageLetter(part.word) ? undefined : stageOf(part.word)
  if (stage !== undefined) {
    const isApart = next?.kind === 'number' && !next.isGlued
    return { stage, numbers: isApart ? next.values : [], isApart }
  }
  // OpenSSL's `1.1.1w` is the fix after `1.1.1v`.
  const isLetter = isWhole && /^[a-z]$/.test(part.text)
  return isLetter ? { stage: stages.fix, numbers: [part.text.charCodeAt(0)], isApart: false } : undefined
}

function levelOfNumber(part: NumberPart, grammar: Grammar): Level | undefined {
  const stage = part.isGlued ? stageOfNumber(part, grammar) : undefined
  return stage === undefined ? undefined : { stage, numbers: part.values, isApart: false }
}

// Letters count only with a small number: `-a123456` is a commit.
function stageOfNumber({ word, lead, digits }: NumberPart, { countsWithB }: Grammar): Stage | undefined {
  if (/^_?p$/i.test(lead)) return stages.fix // `9.3_p2`, `2.2.0p12`
  if (!isStageLetter(word)) return stageOf(word)
  const isCount = digits.length > longestOfLetter || (countsWithB && /^b$/i.test(word))
  return isCount ? undefined : stageOf(word)
}

const longestOfLetter = 5
