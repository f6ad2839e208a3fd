import type { TagReading } from './tag-reading.ts'

/** What stands between two tags of a line: versions, or revisions of the image as well where its tags have such (`-r4`). */
export type Counted = 'versions' | 'revisions'

/** What is counted on the way from this tag to a newer one. */
export function countedFrom(tag: string, reading: TagReading): Counted {
  const version = reading.read(tag)
  return typeof version !== 'string' && version.suffix.revisionKinds !== '' ? 'revisions' : 'versions'
}
