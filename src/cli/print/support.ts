import type { Repository } from '../../image/index.ts'
import { spellDay } from '../../text/index.ts'
import {
  readTag,
  type ChannelRules,
  type OfferRule,
  type SupportLine,
  type SupportTables,
  type TagReading,
} from '../../version/index.ts'

/** What the support dates of an image are looked up with. */
export interface SupportAsked {
  readonly repository: Repository
  readonly tag: string
  readonly reading: TagReading
  readonly tables: SupportTables
  readonly channelRules: ChannelRules
  /** Where a release channel is wanted. */
  readonly rule: OfferRule | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** What tables of support dates say of an image. */
export interface SupportFacts {
  /** Its line; undefined where no table has it. */
  readonly line: SupportLine | undefined
  /** For a person. */
  readonly sentences: readonly string[]
}

/** What the tables say of an image: that the support of its line has ended, and what a release channel means for it. */
export function supportFacts(asked: SupportAsked): SupportFacts {
  const { repository, tag, reading, tables, now } = asked
  const version = readTag(tag, reading)
  const table = tables.of(repository)
  const line = version && table?.lineOf(version)
  const hasEnded = line?.end !== undefined && line.end <= now
  return {
    line,
    sentences: [
      ...(hasEnded ? [endedText(line, line.end)] : []),
      ...channelTexts(asked, { version, line, hasTable: table !== undefined }),
    ],
  }
}

interface Known {
  readonly version: ReturnType<typeof readTag>
  readonly line: SupportLine | undefined
  readonly hasTable: boolean
}

function channelTexts(asked: SupportAsked, { version, line, hasTable }: Known): readonly string[] {
  const { rule, tag } = asked
  if (rule?.channel === undefined) return []
  const isOutside = version !== undefined && boundRule(asked)?.inChannel?.(version) === false
  const named = line === undefined ? tag : `line ${line.line}`
  return [
    ...(hasTable ? [] : [withoutTable[rule.channel]]),
    ...(isOutside ? [`${named} is not in release channel ${rule.channel}`] : []),
  ]
}

function boundRule({ rule, repository, channelRules, now }: SupportAsked): OfferRule | undefined {
  return rule && channelRules.ruleFor(rule, repository, now)
}

function endedText({ line, asOf }: SupportLine, end: number): string {
  const source = asOf === undefined ? '' : ` (support dates as of ${asOf})`
  return `line ${line} is out of support since ${spellDay(end)}${source}`
}

const withoutTable: Readonly<Record<OfferRule['channel'] & {}, string>> = {
  stable: 'not in the table of support dates: release channel stable leaves out pre-releases only',
  even: 'not in the table of support dates: release channel even goes by the second number',
  lts: 'not in the table of support dates: release channel lts changes nothing',
}

/** The dates of a line as days, for JSON. */
export function supportJson({ line, released, ltsFrom, end, isDevelopment, asOf }: SupportLine): object {
  const days = { released: dayOf(released), ltsFrom: dayOf(ltsFrom), end: dayOf(end) }
  return { line, ...days, ...(isDevelopment && { development: true }), asOf }
}

function dayOf(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : spellDay(instant)
}
