import { choose as chooseAmongAll, type Choice, type LearnedTags, type Strategy } from '../version/index.ts'

/** The tags of a repository to choose among: all, or without those that are passed over. */
export type Choosable = LearnedTags | { readonly learned: LearnedTags; readonly passed: readonly string[] }

/** How a tag is judged beside the others of its repository. */
export type Choose = (tag: string | undefined, tags: Choosable, strategy: Strategy) => Choice

/** A cluster runs a handful of tags of one repository; made-up ones must not fill the memory. */
const mostTags = 100

/** Judges a tag anew. What the list teaches is taught by the tags that are passed over as well: they exist. */
export function choose(tag: string | undefined, tags: Choosable, strategy: Strategy): Choice {
  if (!('passed' in tags)) return chooseAmongAll(tag, tags, strategy)
  return chooseAmongAll(tag, { ...tags.learned, without: new Set(tags.passed) }, strategy)
}

/**
 * `choose` that remembers what it said of a tag for as long as the list lives: the same few images come again and
 * again, as deployment, replica set and pods.
 */
export function rememberChoices(): Choose {
  const byList = new WeakMap<LearnedTags, Map<Strategy, Map<string, Choice>>>()
  return (tag, tags, strategy) => {
    if (tag === undefined) return choose(tag, tags, strategy)
    const isPassing = 'passed' in tags
    const learned = isPassing ? tags.learned : tags
    const key = isPassing ? [tag, ...tags.passed].join(' ') : tag
    // Of most repositories one tag is in use, by one strategy.
    const remembered = byList.get(learned) ?? new Map<Strategy, Map<string, Choice>>()
    const choices = remembered.get(strategy) ?? new Map<string, Choice>()
    const known = choices.get(key)
    if (known !== undefined) return known
    const choice = choose(tag, tags, strategy)
    if (choices.size >= mostTags) choices.clear()
    choices.set(key, choice)
    remembered.set(strategy, choices)
    byList.set(learned, remembered)
    return choice
  }
}
