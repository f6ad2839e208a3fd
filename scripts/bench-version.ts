// Times the version engine beside JSON.parse and node-semver, on one core: `npm run bench:version`. The index is built
// from a list of bytes, as the registry client makes it of an answer; JSON.parse gets the same tags as text.
import semver from 'semver'
import {
  choose,
  learnTags,
  learnTagsInSlices,
  tagListOf,
  type LearnedTags,
  type TagList,
} from '../src/version/index.ts'
import { tagsOf } from './bench-memory-tags.ts'

const warmUps = 20 // a server reads many repositories: what is timed is compiled code
const rounds = 15
const semverRounds = 5 // a third of a second each
const choices = 20_000

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

/** Builds the index slice by slice; the longest slice in milliseconds of the clock. */
function indexInSlices(tags: TagList): number {
  let longest = 0
  const slices = learnTagsInSlices(tags)
  for (;;) {
    const start = performance.now()
    const { done } = slices.next()
    longest = Math.max(longest, performance.now() - start)
    if (done) return longest
  }
}

function chooseMany(index: LearnedTags, tags: readonly string[]): number {
  let outdated = 0
  for (let at = 0; at < choices; at++)
    if (choose(tags[at % tags.length], index, 'patch').verdict === 'outdated') outdated++
  return outdated
}

const best = (values: readonly number[]): number => Math.min(...values)
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function row(name: string, value: string, verdict: { goal: string; met: boolean } | undefined): void {
  const [goal, met] = verdict === undefined ? ['', ''] : [verdict.goal, verdict.met ? 'met' : 'NOT MET']
  console.log(`${name.padEnd(52)} ${value.padStart(22)}   ${goal.padEnd(18)} ${met}`)
}

function main(): void {
  const tags = tagsOf(50_000)
  const list = tagListOf(tags)
  const text = JSON.stringify(tags)
  const valid = tags.filter(tag => semver.valid(tag) !== null)
  const few = [
    '1.25.1',
    '1.25.2',
    '1.25.3-rc.1',
    '1.25.3-alpine',
    '1.25.60',
    '99.0.4',
    '99.0.5',
    '99.0',
    '99',
    'latest',
  ]
  const indexes = {
    small: learnTags(tagListOf(few)),
    large: learnTags(tagListOf([...few, ...tagsOf(99_990)])),
  }
  // outdated and current, with a search for where the line goes on, alike in both
  const asked = ['1.25.1', '99.0.5', '1.25.2', '99.0.4']
  const samples: Record<'parse' | 'collected' | 'index' | 'semver' | 'small' | 'large', Sample[]> = {
    parse: [],
    collected: [],
    index: [],
    semver: [],
    small: [],
    large: [],
  }
  for (let round = 0; round < warmUps; round++) {
    indexInSlices(list)
    chooseMany(indexes.small, asked)
    chooseMany(indexes.large, asked)
  }
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.()
    samples.parse.push(measure(() => JSON.parse(text).length))
    // A full collection throws compiled code away; the next index is what a running server builds.
    samples.collected.push(measure(() => indexInSlices(list)))
    samples.index.push(measure(() => indexInSlices(list)))
    samples.small.push(measure(() => chooseMany(indexes.small, asked)))
    samples.large.push(measure(() => chooseMany(indexes.large, asked)))
    if (round % Math.ceil(rounds / semverRounds) === 0)
      samples.semver.push(measure(() => semver.rsort([...valid]).length))
  }
  report(samples)
}

function report(
  samples: Readonly<
    Record<'parse' | 'collected' | 'index' | 'semver' | 'small' | 'large', readonly Sample[]>
  >,
): void {
  const times = (name: keyof typeof samples): readonly number[] =>
    samples[name].map(({ milliseconds }) => milliseconds)
  const both = (values: readonly number[], digits: number): string =>
    `${best(values).toFixed(digits)} / ${median(values).toFixed(digits)}`
  const perRound = (a: readonly number[], b: readonly number[]): number =>
    median(a.map((value, round) => value / (b[round] ?? Number.NaN)))
  const perChoice = (name: 'small' | 'large'): readonly number[] =>
    times(name).map(value => (value * 1_000) / choices)
  const toParse = perRound(times('index'), times('parse'))
  const toSemver = median(times('semver')) / median(times('index'))
  const growth = perRound(times('large'), times('small'))
  const slowest = Math.max(median(perChoice('small')), median(perChoice('large')))
  const slices = samples.index.map(({ longestSlice }) => longestSlice)
  console.log(`node ${process.version}, CPU time, best / median of ${rounds} interleaved rounds\n`)
  row('JSON.parse of 50,000 tags', `${both(times('parse'), 2)} ms`, undefined)
  row('indexing them from the bytes of a tag list', `${both(times('index'), 2)} ms`, undefined)
  row('the same right after a full collection', `${both(times('collected'), 2)} ms`, undefined)
  row('semver.rsort of the valid ones', `${both(times('semver'), 0)} ms`, undefined)
  row('indexing / JSON.parse, median of rounds', toParse.toFixed(2), { goal: 'at most 2', met: toParse <= 2 })
  row('semver.rsort / indexing', toSemver.toFixed(0), { goal: 'at least 50', met: toSemver >= 50 })
  row('longest slice', `${both(slices, 2)} ms`, { goal: 'at most 5 ms', met: median(slices) <= 5 })
  row('one choice among 10 tags', `${both(perChoice('small'), 2)} µs`, undefined)
  row('one choice among 100,000 tags', `${both(perChoice('large'), 2)} µs`, {
    goal: 'under 20 µs',
    met: slowest < 20,
  })
  row('100,000 tags / 10 tags, median of rounds', growth.toFixed(2), {
    goal: 'at most 1.1',
    met: growth <= 1.1,
  })
}

main()
