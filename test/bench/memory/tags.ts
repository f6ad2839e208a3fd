/** Tags as many repositories have them: releases, variants, candidates, builds of branches, commits. */

/** The same numbers at every run: a linear congruential generator (Numerical Recipes). */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** So many tags; the same for the same seed. */
export function tagsOf(count: number, seed = 42): readonly string[] {
  const random = createRandom(seed)
  const version = (): string => `${random(30)}.${random(40)}.${random(60)}`
  const sha = (): string => (random(2 ** 31) + 2 ** 31).toString(16).slice(0, 7)
  const date = (): string => `20${20 + random(6)}${10 + random(3)}${10 + random(19)}`
  const kinds: readonly (readonly [number, () => string])[] = [
    [45, version],
    [15, () => `v${version()}`],
    [15, () => `${version()}-alpine${['', '3.17', '3.18', '3.19'][random(4)]}`],
    [10, () => `${version()}-rc.${random(9)}`],
    [8, () => `${['main', 'develop', 'feature-x'][random(3)]}-${date()}-${sha()}`],
    [7, () => sha()],
  ]
  const wheel = kinds.flatMap(([share, make]) => Array.from({ length: share }, () => make))
  return Array.from({ length: count }, () => (wheel[random(100)] ?? version)())
}
