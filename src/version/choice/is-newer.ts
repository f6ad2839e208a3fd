import { learnTags } from '../reading/learned-tags.ts'
import { tagListOf } from '../tag/tag-list.ts'
import { choose } from './choose.ts'

/** Whether a tag is a newer version than another, by no more than the two tags; false where they cannot be compared. */
export function isNewerTag(tag: string, than: string): boolean {
  return choose(than, learnTags(tagListOf([than, tag])), { strategy: 'major' }).newest === tag
}
