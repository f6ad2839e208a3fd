import type { Numeral } from '../tag/numeral.ts'
import { stages, type Stage } from '../tag/words.ts'
import type { Version } from './version.ts'

/**
 * A version as semver writes it: the first three numbers, 0 for those that are missing, and the stage of a pre-release
 * (`1.2.0-rc.1`). What stands behind them, a fix level or a revision, is lost: semver has no place for it after a release.
 *
 * Undefined for what is no such version: a word with a date or a number of its own, a lone count of builds, two versions side
 * by side (`15-3.3`), of which a range could mean either, the date of a scheme without other numbers, and numbers that semver
 * does not take.
 */
export function semverTextOf(version: Version): string | undefined {
  switch (version.kind) {
    case 'counter':
    case 'named':
    case 'dated':
      return undefined
    case 'scheme':
      return isDateAlone(version.core) ? undefined : numberedText(version)
    case 'version':
      return numberedText(version)
  }
}

function numberedText({ core, first, stage, stageNumbers }: Version): string | undefined {
  const numbers = [core[0] ?? 0, core[1] ?? 0, core[2] ?? 0]
  if (first > 0 || numbers.some(isTooLarge)) return undefined
  // A pre-release of `1.2.0.4` comes after 1.2.0.
  const word = isZero(core.slice(numbers.length)) ? stageWords[stage] : undefined
  const release = numbers.join('.')
  return word === undefined ? release : `${release}-${[word, ...stageNumbers].join('.')}`
}

// The date of a scheme stands in the third place.
function isDateAlone(core: Version['core']): boolean {
  return isZero(core.slice(0, 2)) && (core[2] ?? 0) >= firstDate
}

const firstDate = 19_900_101

function isZero(numbers: Version['core']): boolean {
  return numbers.every(number => number === 0)
}

// The limit of semver, up to which a numeral is a number.
function isTooLarge(number: Numeral): boolean {
  return typeof number === 'bigint'
}

// In semver's order, which is that of the letters; builds between releases come first, and a number comes before words.
const stageWords: Readonly<Record<Stage, string | undefined>> = {
  [stages.build]: '0.build',
  [stages.alpha]: 'alpha',
  [stages.beta]: 'beta',
  [stages.preview]: 'preview',
  [stages.candidate]: 'rc',
  [stages.release]: undefined,
  [stages.fix]: undefined,
}
