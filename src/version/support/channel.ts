import { isPreRelease, type Version } from '../reading/version.ts'
import { lineKeysOf, lineNumbersOf } from './support-line.ts'
import type { SupportTable } from './support-tables.ts'

/** The release channels: which lines of a product are offered. */
export const releaseChannels = [
  'any', // all
  'stable', // no pre-release, and no line that its project does not recommend for production
  'even', // lines with an even number
  'lts', // lines with long-term support
] as const
export type ReleaseChannel = (typeof releaseChannels)[number]

/** The channels that leave something out. */
export type Restricting = Exclude<ReleaseChannel, 'any'>

/** What a channel is judged by. */
export interface ChannelFacts {
  /** Undefined where no table has the product. */
  readonly table: SupportTable | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * Whether a version is in a channel. Whether the support of its line has ended plays no part: who has to stay in a line wants its
 * patches. What has no numbers that name a line is in each channel.
 */
export function isInChannel(version: Version, channel: Restricting, facts: ChannelFacts): boolean {
  switch (channel) {
    case 'stable':
      return !isPreRelease(version) && isStable(version, facts.table)
    case 'even':
      return isEven(version, facts.table)
    case 'lts':
      return hasLongTermSupport(version, facts)
  }
}

function isStable(version: Version, table: SupportTable | undefined): boolean {
  const numbers = lineNumbersOf(version)
  if (table === undefined || numbers === undefined) return true
  const line = table.lineOf(version)
  if (line !== undefined) return !line.isDevelopment
  switch (table.otherLines) {
    case 'stable':
      return true
    case 'stable-if-even':
      return isEven(version, table)
    case 'stable-if-first':
      return (numbers[1] ?? 0) === 0
  }
}

// The number that names a line: the last one of it. Without a table it is the second one, as of nginx and perl.
function isEven(version: Version, table: SupportTable | undefined): boolean {
  const number = lineNumbersOf(version)?.[(table?.numbers ?? 2) - 1]
  return number === undefined || BigInt(number) % 2n === 0n
}

// A line that the table does not have is not known to have it.
function hasLongTermSupport(version: Version, { table, now }: ChannelFacts): boolean {
  if (table === undefined || lineKeysOf(version).length === 0) return true
  const from = table.lineOf(version)?.ltsFrom
  return from !== undefined && from <= now
}
