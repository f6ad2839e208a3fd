/** A tag read as a version by what its repository teaches; its line; the newest of a line; why not the others. */
export { isLegalTag } from './tag/legal.ts'
export { tagAt, tagListOf, textsOf, type TagList } from './tag/tag-list.ts'
export {
  countedFrom,
  learnTags,
  learnTagsInSlices,
  lists,
  type Counted,
  type LearnedTags,
} from './reading/learned-tags.ts'
export { builtInReading, readTag, type ReadTag, type TagReading } from './reading/tag-reading.ts'
export { teachingFor, teachingOf, type Teaching } from './reading/teaching.ts'
export { SchemeError, type SchemeSettings } from './scheme/scheme.ts'
export { createSchemes, type Schemes } from './scheme/schemes.ts'
export { releaseChannels, type ReleaseChannel } from './support/channel.ts'
export type { SupportLine, SupportTableSettings } from './support/support-line.ts'
export { createSupportTables, type SupportTables } from './support/support-tables.ts'
export { choose, chooseWithoutTags, digestOnly, offeredTags, type Choice } from './choice/choose.ts'
export { explain, type Rejection, type RejectionReason } from './choice/explain.ts'
export { createNewestFinder, type FindNewest } from './choice/newest-overall.ts'
export { isNewerTag } from './choice/is-newer.ts'
export type { OfferRule, Wanted } from './choice/offer-rule.ts'
export { createChannelRules, type ChannelRules } from './choice/channel-rules.ts'
export { sliceOf } from './choice/slice.ts'
export { strategies, type Strategy } from './choice/strategy.ts'
export type { ElsewhereReason, Reason, Verdict } from './choice/verdict.ts'
