import { readBy, type LearnedTags } from './learned-tags.ts'

/** What stands between two tags of a line: versions, or revisions of the image as well where its tags have such (`-r4`). */
export type Counted = 'versions' | 'revisions'

/** What is counted on the way from this tag to a newer one. */
export function countedFrom(tag: string, tags: LearnedTags): Counted {
  const version = readBy(tags, tag)
  return typeof version !== 'string' && version.revisionKinds !== '' ? 'revisions' : 'versions'
}
