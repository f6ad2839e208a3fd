import type { JudgedImage } from './say.ts'

/** What is told to people besides outdated images, though most of them cannot change it. */
export interface WarningChoices {
  /** That the configuration lists no such registry. */
  readonly unlistedRegistries: boolean
  /** That a tag floats. */
  readonly floatingTags: boolean
}

/** What holds where the configuration says nothing. */
export const usualWarnings: WarningChoices = { unlistedRegistries: false, floatingTags: true }

/** The rule by which a verdict other than `outdated` is told to the person who applies an object. */
export function worthWarningBy({
  unlistedRegistries,
  floatingTags,
}: WarningChoices): (judged: JudgedImage) => boolean {
  return ({ evaluation: { verdict, reason } }) => {
    if (reason === 'not-allowed') return unlistedRegistries
    return verdict !== 'floating' || floatingTags
  }
}
