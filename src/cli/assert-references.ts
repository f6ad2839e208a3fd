import { InvalidReferenceError, parseReference } from '../image/index.ts'
import { UsageError, type Terminal } from './terminal.ts'

/**
 * Checks that each text is an image reference, and none the name of a file: a manifest's name would pass for an image without a
 * tag, and a check of it for a check of what it holds.
 * @throws UsageError that names all that are none.
 */
export function assertReferences(texts: readonly string[], terminal: Pick<Terminal, 'isFile'>): void {
  const problems = texts.flatMap(text => problemOf(text, terminal))
  if (problems.length > 0) throw new UsageError(problems.join('\npatchline: '))
}

function problemOf(text: string, { isFile }: Pick<Terminal, 'isFile'>): readonly string[] {
  // A name without a folder may be that of an image as well as that of a file beside it.
  const isThere = text.includes('/') && isFile?.(text) === true
  if (isThere || looksLikeFile(text)) return [fileProblem(text)]
  try {
    parseReference(text)
    return []
  } catch (error) {
    if (error instanceof InvalidReferenceError) return [error.message]
    throw error
  }
}

function looksLikeFile(text: string): boolean {
  return text === '-' || /^(?:\.{0,2}|~)\//.test(text) || /^[^:@]*\.(?:ya?ml|json|tgz)$/i.test(text)
}

function fileProblem(text: string): string {
  const what = text === '-' ? 'standard input' : JSON.stringify(text)
  return `check takes image references like nginx:1.25.1, and ${what} is a file: name the images that stand in it`
}
