import type { Teaching } from '../version/index.ts'

/** What the tags of a repository teach, a line each, indented: `-18, -20, -22: a choice, for …`. */
export function teachingLines({ places, remarks }: Teaching): readonly string[] {
  return [
    ...places.map(({ examples, role, because, place, tags }) => {
      const shown = examples.map(example => example.replace(/^[-_.]/, '')).join(', ')
      return `  ${place}: ${shown} (${tags === 1 ? '1 tag' : `${tags} tags`}): ${roles[role]}: ${because}`
    }),
    ...remarks.map(remark => `  ${remark}`),
  ]
}

const roles = {
  choice: 'a choice, must be equal',
  revision: 'a revision, the highest is newest',
  decoration: 'never compared',
} as const
