// Times the version engine beside JSON.parse and node-semver, on one core: `npm run bench:version`. It learns from a list
// of bytes, as the registry client makes it of an answer; JSON.parse gets the same tags as text.
import semver from 'semver'
import { rememberChoices } from '../../../src/evaluation/index.ts'
import {
  choose,
  learnTags,
  learnTagsInSlices,
  tagListOf,
  type LearnedTags,
  type Strategy,
  type TagList,
} from '../../../src/version/index.ts'
import { tagsOf } from '../memory/tags.ts'

const warmUps = 20 // a server reads many repositories: what is timed is compiled code
const rounds = 15
const semverRounds = 5 // a third of a second each
const choices = 20
const farChoices = 4 // by `major`: tens of milliseconds each
const recalls = 200_000

interface Sample {
  readonly milliseconds: number
  readonly longestSlice: number
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function measure(work: () => number): Sample {
  const start = cpuMilliseconds()
  const longestSlice = work()
  return { milliseconds: cpuMilliseconds() - start, longestSlice }
}

/** Learns slice by slice; the longest slice in milliseconds of CPU time. */
function learnInSlices(tags: TagList): number {
  let longest = 0
  const slices = learnTagsInSlices(tags)
  for (;;) {
    const start = cpuMilliseconds()
    const { done } = slices.next()
    longest = Math.max(longest, cpuMilliseconds() - start)
    if (done) return longest
  }
}

/** The whole way of a new list: reading, learning, and the verdict for one tag. */
function learnAndChoose(tags: TagList, asked: string): number {
  return choose(asked, learnTags(tags), { strategy: 'patch' }).behind
}

interface Asking {
  readonly asked: readonly string[]
  readonly strategy: Strategy
  readonly times: number
}

function chooseMany(learned: LearnedTags, { asked, strategy, times }: Asking): number {
  let behind = 0
  for (let at = 0; at < times; at++) behind += choose(asked[at % asked.length], learned, { strategy }).behind
  return behind
}

const patches = { strategy: 'patch' } as const

function recall(learned: LearnedTags, asked: readonly string[]): number {
  const remembering = rememberChoices()
  let behind = 0
  for (let at = 0; at < recalls; at++)
    behind += remembering(asked[at % asked.length], learned, patches).behind
  return behind
}

const best = (values: readonly number[]): number => Math.min(...values)
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function row(name: string, value: string, verdict: { goal: string; met: boolean } | undefined): void {
  const [goal, met] = verdict === undefined ? ['', ''] : [verdict.goal, verdict.met ? 'met' : 'NOT MET']
  console.log(`${name.padEnd(52)} ${value.padStart(22)}   ${goal.padEnd(18)} ${met}`)
}

type Name = 'parse' | 'learn' | 'semver' | 'first' | 'choice' | 'farChoice' | 'recall'

function main(): void {
  const tags = tagsOf(50_000)
  const [list, few] = [tagListOf(tags), tagListOf(tags.slice(0, 2_000))]
  const text = JSON.stringify(tags)
  const valid = tags.filter(tag => semver.valid(tag) !== null)
  const asked = valid.slice(0, 4)
  const learned = learnTags(list)
  const near: Asking = { asked, strategy: 'patch', times: choices }
  const far: Asking = { asked, strategy: 'major', times: farChoices }
  const samples: Record<Name, Sample[]> = {
    parse: [],
    learn: [],
    semver: [],
    first: [],
    choice: [],
    farChoice: [],
    recall: [],
  }
  for (let round = 0; round < warmUps; round++) {
    learnInSlices(list)
    chooseMany(learned, near)
    learnAndChoose(few, asked[0] ?? '')
  }
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.()
    samples.parse.push(measure(() => JSON.parse(text).length))
    samples.learn.push(measure(() => learnInSlices(list)))
    samples.first.push(measure(() => learnAndChoose(few, asked[0] ?? '')))
    samples.choice.push(measure(() => chooseMany(learned, near)))
    samples.farChoice.push(measure(() => chooseMany(learned, far)))
    samples.recall.push(measure(() => recall(learned, asked)))
    if (round % Math.ceil(rounds / semverRounds) === 0)
      samples.semver.push(measure(() => semver.rsort([...valid]).length))
  }
  report(samples)
}

function report(samples: Readonly<Record<Name, readonly Sample[]>>): void {
  const times = (name: Name): readonly number[] => samples[name].map(({ milliseconds }) => milliseconds)
  const both = (values: readonly number[], digits: number): string =>
    `${best(values).toFixed(digits)} / ${median(values).toFixed(digits)}`
  const toParse = median(times('learn').map((value, round) => value / (times('parse')[round] ?? Number.NaN)))
  const slices = samples.learn.map(({ longestSlice }) => longestSlice)
  const perRecall = times('recall').map(value => (value * 1_000) / recalls)
  const first = times('first')
  console.log(`node ${process.version}, CPU time, best / median of ${rounds} interleaved rounds\n`)
  row('JSON.parse of 50,000 tags', `${both(times('parse'), 2)} ms`, undefined)
  row('semver.rsort of the valid ones', `${both(times('semver'), 0)} ms`, undefined)
  row('reading and learning them', `${both(times('learn'), 2)} ms`, undefined)
  row('learning / JSON.parse, median of rounds', toParse.toFixed(2), { goal: 'at most 3', met: toParse <= 3 })
  row('longest slice', `${both(slices, 2)} ms`, { goal: 'at most 5 ms', met: median(slices) <= 5 })
  row(
    'one choice among them, patch',
    `${both(
      times('choice').map(value => value / choices),
      3,
    )} ms`,
    undefined,
  )
  row(
    'one choice among them, major',
    `${both(
      times('farChoice').map(value => value / farChoices),
      1,
    )} ms`,
    undefined,
  )
  row('learning 2,000 tags and one choice', `${both(first, 2)} ms`, {
    goal: 'at most 1 ms',
    met: median(first) <= 1,
  })
  row('a remembered choice', `${both(perRecall, 2)} µs`, {
    goal: 'at most 2 µs',
    met: median(perRecall) <= 2,
  })
}

main()
