/** What the groups of a scheme's pattern may be called. */
export const partNames = [
  'prefix', // text that must be equal
  'major', // the numbers, from the one that is held fast longest
  'minor',
  'patch',
  'build',
  'year', // when it was made
  'month',
  'day',
  'time',
  'prerelease', // `rc1`, `beta.2`: before the release of the same numbers
  'revision', // a number that counts rebuilds
  'variant', // text that must be equal
  'suffix', // all the rest, read as the built-in rules read what follows a version
] as const
export type PartName = (typeof partNames)[number]

/** Which group of the pattern holds each part, by number; parts that the pattern does not name are absent. */
export type Parts = ReadonlyMap<PartName, number>

/** The parts by the groups that a pattern names, or what is wrong with them. */
export function partsOf(groups: Readonly<Record<string, number>>): Parts | string {
  const parts = new Map<PartName, number>()
  for (const [name, group] of Object.entries(groups)) {
    if (!isPartName(name)) return `"${name}" is no name of a part; these are: ${partNames.join(', ')}`
    parts.set(name, group)
  }
  return problemOf(parts) ?? parts
}

/** Whether a date counts as a revision: where the pattern has a patch number, it stands behind that, else in its place. */
export function datesAreRevisions(parts: Parts): boolean {
  return parts.has('patch')
}

const orderingParts = ['major', 'minor', 'patch', 'build', 'year', 'revision'] as const

function problemOf(parts: Parts): string | undefined {
  if (!orderingParts.some(part => parts.has(part)))
    return `no group puts tags in order; name one of ${orderingParts.join(', ')}: (?P<major>[0-9]+)`
  const lacking = needs.find(([part, needed]) => parts.has(part) && !parts.has(needed))
  if (lacking !== undefined) return `the part "${lacking[0]}" needs the part "${lacking[1]}"`
  const pair = conflictsOf(parts).find(([one, other]) => parts.has(one) && parts.has(other))
  return pair && `the parts "${pair[0]}" and "${pair[1]}" take the same place: name one of them`
}

type Pair = readonly [PartName, PartName]

const needs: readonly Pair[] = [
  ['month', 'year'],
  ['day', 'month'],
  ['time', 'day'],
]

// A suffix brings its own pre-release, revisions and variant; a date takes the place of a patch number or of a revision.
function conflictsOf(parts: Parts): readonly Pair[] {
  const ofDate: readonly Pair[] = datesAreRevisions(parts)
    ? [
        ['year', 'revision'],
        ['year', 'suffix'],
      ]
    : [['time', 'build']]
  return [['suffix', 'prerelease'], ['suffix', 'revision'], ['suffix', 'variant'], ...ofDate]
}

function isPartName(name: string): name is PartName {
  return partNames.some(part => part === name)
}
