import { parseImagePattern, type ImagePattern } from '../match/image-pattern.ts'

/** What is wrong with a policy or an exception: where in its spec, and why, for its author. */
export interface ObjectProblem {
  /** `spec.match.images[0]` */
  readonly path: string
  readonly message: string
}

/** Collects problems while the parts of an object are read. */
export interface Problems {
  readonly all: ObjectProblem[]
  /** Notes a problem; undefined, so that a reader can return it. */
  add(path: string, message: string): undefined
}

/** None so far. */
export function noProblems(): Problems {
  const all: ObjectProblem[] = []
  return { all, add: (path, message) => void all.push({ path, message }) }
}

/** Whether what was read is a list of problems. */
export function isProblems(read: object): read is readonly ObjectProblem[] {
  return Array.isArray(read)
}

/** The patterns of images that some texts are; the others are noted as problems. */
export function readPatterns(
  texts: readonly string[],
  path: string,
  problems: Problems,
): readonly ImagePattern[] {
  return texts.flatMap((text, at) => {
    const pattern = parseImagePattern(text)
    if (!('problem' in pattern)) return [pattern]
    problems.add(`${path}[${at}]`, `${JSON.stringify(text)} is no pattern of images: ${pattern.problem}`)
    return []
  })
}
