import type { GitlabPlace } from './gitlab-api.ts'

/** Where repositories are in GitLab instances, for some time. */
export interface GitlabPlaces {
  get(key: string): GitlabPlace | undefined
  set(key: string, place: GitlabPlace): void
  delete(key: string): void
}

// A repository that moves keeps nothing at its old place, so only what is deleted and made anew is asked for in vain.
const heldFor = 86_400_000
// As many repositories as one cluster may have.
const mostPlaces = 10_000

/** An empty memory; `now` in epoch milliseconds. */
export function createGitlabPlaces(now: () => number): GitlabPlaces {
  const places = new Map<string, { readonly place: GitlabPlace; readonly until: number }>()
  return {
    get(key) {
      const held = places.get(key)
      return held === undefined || held.until <= now() ? undefined : held.place
    },
    set(key, place) {
      if (places.get(key)?.place === place) return
      places.set(key, { place, until: now() + heldFor })
      const [oldest] = places.keys()
      if (places.size > mostPlaces && oldest !== undefined) places.delete(oldest)
    },
    delete(key) {
      places.delete(key)
    },
  }
}
