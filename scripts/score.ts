/**
 * How many cases of `test/version/cases/` are answered rightly, by kind, beside what node-semver alone would answer:
 * `npm run score [-- --wrong]`. The first part of a case's id is its kind.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import semver from 'semver'
import { choose, createSchemes, learnTags, tagListOf, type Strategy } from '../src/version/index.ts'
import { caseFiles, casesIn, readingOf, type TagCase } from '../test/version/cases.ts'

const { values } = parseArgs({ options: { wrong: { type: 'boolean', default: false } } })
const schemes = createSchemes([])

interface Score {
  readonly cases: number
  readonly right: number
  readonly semver: number
}

function isRight(one: TagCase): boolean {
  const learned = learnTags(tagListOf(one.tags), readingOf(one, schemes))
  const { verdict, newest } = choose(one.current, learned, one)
  if (verdict === one.verdict && newest === one.newest) return true
  if (values.wrong)
    console.log(
      `${one.id}: ${one.current} by ${one.strategy}: ${verdict} ${newest ?? ''}, right: ${one.verdict} ${one.newest ?? ''}`,
    )
  return false
}

const ranges: Readonly<Record<Strategy, (version: semver.SemVer) => string>> = {
  rebuild: ({ version }) => version,
  patch: ({ major, minor }) => `~${major}.${minor}`,
  minor: ({ major }) => `^${major}.0.0`,
  major: () => '*',
}

// What a tool does that knows Semantic Versioning and nothing else: the highest tag in the range of the strategy.
function isRightBySemver({ current, tags, strategy, verdict, newest }: TagCase): boolean {
  const own = semver.parse(current)
  if (own === null) return verdict === 'unversioned'
  const best = semver.maxSatisfying([...tags], ranges[strategy](own), {
    includePrerelease: own.prerelease.length > 0,
  })
  const said = best !== null && semver.gt(best, own) ? best : undefined
  return said === newest && (verdict === 'current') === (said === undefined)
}

function scoreOf(cases: readonly TagCase[]): Score {
  return {
    cases: cases.length,
    right: cases.filter(isRight).length,
    semver: cases.filter(isRightBySemver).length,
  }
}

function row(name: string, { cases, right, semver: bySemver }: Score): void {
  const share = (count: number): string =>
    `${String(count).padStart(5)} ${((100 * count) / cases).toFixed(0).padStart(3)} %`
  console.log(`${name.padEnd(24)} ${String(cases).padStart(5)}   ${share(right)}   ${share(bySemver)}`)
}

console.log(`${'kind'.padEnd(24)} cases   Patchline     semver`)
const all: TagCase[] = []
for (const file of caseFiles) {
  const cases = casesIn(readFileSync(new URL(`../test/version/cases/${file}`, import.meta.url), 'utf8'))
  all.push(...cases)
  const kinds = Map.groupBy(cases, ({ id }) => id.split('-')[0]?.replace(/(?<=^[A-Z])\d+$/, '') ?? '')
  for (const [kind, those] of kinds) row(`${file.replace('.jsonl', '')} ${kind}`, scoreOf(those))
}
row('all', scoreOf(all))
