/** A tag read as a version; its line; the newest of a line; why not the others. */
export { choose, chooseWithoutTags, digestOnly, type Choice } from './choose.ts'
export { explain, type Rejection, type RejectionReason } from './explain.ts'
export { strategies, type Strategy } from './strategy.ts'
export { indexTags, indexTagsInSlices, type TagIndex } from './tag-index.ts'
export { tagAt, tagListOf, textsOf, type TagList } from './tag-list.ts'
export type { Reason, ElsewhereReason, Verdict } from './verdict.ts'
