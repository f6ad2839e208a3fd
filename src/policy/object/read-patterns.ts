import { parseImagePattern, type ImagePattern } from '../match/image-pattern.ts'
import type { Problems } from './problem.ts'

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
