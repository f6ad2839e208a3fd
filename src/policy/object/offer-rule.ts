import { Range } from 'semver'
import { matchesWildcard, shorten } from '../../text/index.ts'
import type { ObjectProblem } from './parts.ts'
import type { OfferRule, ReleaseChannel } from '../../version/index.ts'

/** What may be offered, as a person writes it. */
export interface OfferSettings {
  /** For node-semver: `>=1.2 <2`. A pre-release is in it where its numbers are. */
  readonly range?: string
  /** Tags that are never offered; `*` stands for any text. */
  readonly never?: readonly string[]
  /** `follow` if not given. */
  readonly preReleases?: OfferRule['preReleases']
  /** `any` if not given. */
  readonly releaseChannel?: ReleaseChannel
}

/** The rule of some settings: undefined where they restrict nothing, or else what is wrong with them, all of it. */
export function compileOfferRule(settings: OfferSettings): OfferRule | undefined | readonly ObjectProblem[] {
  const { range, never = [], preReleases = 'follow' } = settings
  const inRange = range === undefined ? undefined : compileRange(range)
  const problems = [
    ...(typeof inRange === 'object' ? [inRange] : []),
    ...never.flatMap((pattern, at) => patternProblems(pattern, at)),
  ]
  if (problems.length > 0) return problems
  const rule: OfferRule = {
    ...(typeof inRange === 'function' && { inRange }),
    ...(never.length > 0 && { never: compilePatterns(never) }),
    preReleases,
    ...channelOf(settings),
  }
  return isOpen(rule) ? undefined : rule
}

function channelOf({ releaseChannel = 'any' }: OfferSettings): Pick<OfferRule, 'channel'> {
  return releaseChannel === 'any' ? {} : { channel: releaseChannel }
}

function isOpen({ inRange, never, preReleases, channel }: OfferRule): boolean {
  const isAny = inRange === undefined && never === undefined && channel === undefined
  return isAny && preReleases === 'follow'
}

const longestShown = 41

function compileRange(text: string): ((version: string) => boolean) | ObjectProblem {
  // What semver takes for any version is more often a setting that was not filled in.
  if (text.trim() === '') return noRange(text)
  try {
    const range = new Range(text, { loose: false, includePrerelease: true })
    return version => range.test(version)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return noRange(text)
  }
}

function noRange(text: string): ObjectProblem {
  const shown = JSON.stringify(shorten(text, longestShown))
  return { path: 'range', message: `${shown} is no range of versions; write ">=1.2 <2"` }
}

const pattern = /^[A-Za-z0-9_.*-]{1,128}$/

function patternProblems(text: string, at: number): readonly ObjectProblem[] {
  if (pattern.test(text)) return []
  const shown = JSON.stringify(shorten(text, longestShown))
  return [
    { path: `never[${at}]`, message: `${shown} is no tag, with * for any text; write 1.25.4 or *-debug` },
  ]
}

function compilePatterns(patterns: readonly string[]): (tag: string) => boolean {
  const exact = new Set(patterns.filter(text => !text.includes('*')))
  const others = patterns.filter(text => text.includes('*'))
  return tag => exact.has(tag) || others.some(wild => matchesWildcard(wild, tag))
}
