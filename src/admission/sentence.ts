import { beginning, ending, plain } from './line-of-text.ts'

/** What is said of one container's image, in the parts that give way one after the other where the room is short. */
export interface Sentence {
  /** What it is about: an object, a container. */
  readonly subject: string
  /** The image up to its tag. */
  readonly repository: string
  /** From the tag on. */
  readonly statement: string
  readonly line: string
  /** What else is worth a word where there is room for it. */
  readonly asides: readonly string[]
}

// Names are DNS labels and subdomains (63 and 253 characters) once the API server has checked them; this much tells
// most apart.
const shortestSubject = 12

/**
 * The sentence on one line of at most so many UTF-16 units. Tags keep their text longest: the asides go first, then the
 * beginning of the repository, the line, the end of the subject, and only then the end of the whole.
 */
export function fitted(sentence: Sentence, most: number): string {
  const asWritten = `${sentence.subject}: ${sentence.repository}${sentence.statement}${sentence.line}`
  // One look instead of four does for nearly all. ASCII stands between the parts that come from outside: no two halves of
  // a surrogate pair meet.
  if (asWritten.length <= most && plain(asWritten) === asWritten)
    return withAsides(asWritten, sentence.asides, most)
  const { subject, repository, statement, line } = plainParts(sentence)
  const whole = `${subject}: ${repository}${statement}${line}`
  if (whole.length <= most) return withAsides(whole, sentence.asides, most)
  const cutRepository = ending(repository, Math.max(1, repository.length - (whole.length - most)))
  const cut = `${subject}: ${cutRepository}${statement}`
  if (cut.length + line.length <= most) return cut + line
  if (cut.length <= most) return cut
  const room = Math.max(shortestSubject, subject.length - (cut.length - most))
  return beginning(`${beginning(subject, room)}: ${cutRepository}${statement}`, most)
}

function plainParts({ subject, repository, statement, line }: Sentence): Omit<Sentence, 'asides'> {
  return {
    subject: plain(subject),
    repository: plain(repository),
    statement: plain(statement),
    line: plain(line),
  }
}

function withAsides(text: string, asides: readonly string[], most: number): string {
  return asides.reduce((said, aside) => (said.length + aside.length <= most ? said + aside : said), text)
}
