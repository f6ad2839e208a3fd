import {
  choose as chooseAmongAll,
  type Choice,
  type LearnedTags,
  type OfferRule,
  type Strategy,
  type Wanted,
} from '../version/index.ts'

/** The tags of a repository to choose among: all, or without those that are passed over. */
export type Choosable = LearnedTags | { readonly learned: LearnedTags; readonly passed: readonly string[] }

/** How a tag is judged beside the others of its repository. */
export type Choose = (tag: string | undefined, tags: Choosable, wanted: Wanted) => Choice

/** A cluster runs a handful of tags of one repository; made-up ones must not fill the memory. */
const mostTags = 100

/** Judges a tag anew. What the list teaches is taught by the tags that are passed over as well: they exist. */
export function choose(tag: string | undefined, tags: Choosable, wanted: Wanted): Choice {
  return chooseAmongAll(tag, learnedIn(tags), wanted)
}

/** The tags, those marked that are passed over. */
export function learnedIn(tags: Choosable): LearnedTags {
  return 'passed' in tags ? { ...tags.learned, without: new Set(tags.passed) } : tags
}

/**
 * `choose` that remembers what it said of a tag for as long as the list and the rule live: the same few images come again and
 * again, as deployment, replica set and pods.
 */
export function rememberChoices(): Choose {
  const byRule: Remembered = new WeakMap()
  return (tag, tags, wanted) => {
    if (tag === undefined) return choose(tag, tags, wanted)
    const isPassing = 'passed' in tags
    const key = isPassing ? [tag, ...tags.passed].join(' ') : tag
    const choices = choicesIn(byRule, isPassing ? tags.learned : tags, wanted)
    const known = choices.get(key)
    if (known !== undefined) return known
    const choice = choose(tag, tags, wanted)
    if (choices.size >= mostTags) choices.clear()
    choices.set(key, choice)
    return choice
  }
}

/** What was said of tags, by rule, list and strategy. */
type Remembered = WeakMap<OfferRule, WeakMap<LearnedTags, Map<Strategy, Choices>>>
type Choices = Map<string, Choice>

const noRule: OfferRule = { preReleases: 'follow' }

// Of most repositories one tag is in use, by one strategy and no rule.
function choicesIn(byRule: Remembered, learned: LearnedTags, { strategy, rule = noRule }: Wanted): Choices {
  const byList = byRule.get(rule) ?? new WeakMap<LearnedTags, Map<Strategy, Choices>>()
  const byStrategy = byList.get(learned) ?? new Map<Strategy, Choices>()
  const known = byStrategy.get(strategy)
  if (known !== undefined) return known
  const choices: Choices = new Map()
  byRule.set(rule, byList.set(learned, byStrategy.set(strategy, choices)))
  return choices
}
