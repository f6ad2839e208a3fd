import { choose, type Choice, type LearnedTags, type Strategy } from '../version/index.ts'

/** How a tag is judged beside the others of its repository. */
export type Choose = typeof choose

/** A cluster runs a handful of tags of one repository; who makes up more of them must not fill the memory. */
const mostTags = 100

/**
 * `choose` that remembers what it said of a tag for as long as the list lives: the same few images come again and
 * again, as deployment, replica set and pods.
 */
export function rememberChoices(): Choose {
  const byList = new WeakMap<LearnedTags, Map<Strategy, Map<string, Choice>>>()
  return (tag, learned, strategy) => {
    if (tag === undefined) return choose(tag, learned, strategy)
    // Of most repositories one tag is in use, by one strategy.
    const remembered = byList.get(learned) ?? new Map<Strategy, Map<string, Choice>>()
    const choices = remembered.get(strategy) ?? new Map<string, Choice>()
    const known = choices.get(tag)
    if (known !== undefined) return known
    const choice = choose(tag, learned, strategy)
    if (choices.size >= mostTags) choices.clear()
    choices.set(tag, choice)
    remembered.set(strategy, choices)
    byList.set(learned, remembered)
    return choice
  }
}
