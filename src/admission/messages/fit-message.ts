import { printable, shorten } from '../../text/index.ts'

// k8s.io/api admission/v1 types.go asks for at most 120 characters; once all warnings of a request, those of other
// webhooks too, pass 4096 the API server drops the later ones.
const longestWarning = 120
const mostWarnings = 10
const prefix = 'patchline: '

/** The warnings in the order given, problems first and equal ones once: ten at most, then how many images are left out. */
export function warningsOf(problems: readonly string[], messages: readonly Message[]): readonly string[] {
  const all = new Set([
    ...problems.map(problem => shorten(prefix + printable(problem), longestWarning)),
    ...messages.map(message => prefix + fitMessage(message, longestWarning - prefix.length)),
  ])
  const left = all.size - mostWarnings
  if (left <= 0) return [...all]
  const more = `${prefix}and ${left} more ${left === 1 ? 'image' : 'images'}`
  return [...[...all].slice(0, mostWarnings), more]
}

/** What is said of an image, in the parts that give way one after the other where the room is short. */
export interface Message {
  /** What it is about, an object and its containers, from the longest to the shortest way to say it. */
  readonly subjects: readonly string[]
  /** The image up to its tag, as it is written. */
  readonly repository: string
  /** With its colon; empty where there is none. */
  readonly tag: string
  readonly statement: string
  /** The same in a word or two. */
  readonly short: string
  readonly line: string
  /** What else is worth a word where there is room for it. */
  readonly asides: readonly string[]
}

// Names are DNS labels and subdomains (63 and 253 characters) once the API server has checked them; this much tells
// most apart.
const shortestSubject = 12

/**
 * The message on one line of at most so many UTF-16 units. The image keeps its text longest: the asides go first, then the names
 * of containers, the line, most of the statement, the end of the object's name, then what is between the registry and the last part
 * of the repository, and only then the end of the whole.
 */
export function fitMessage(message: Message, most: number): string {
  // One look does for nearly all. ASCII stands between the parts that come from outside: no two halves of a surrogate pair meet.
  const [longest] = message.subjects
  const asWritten = `${longest}: ${message.repository}${message.tag}${message.statement}${message.line}`
  if (asWritten.length <= most && printable(asWritten) === asWritten)
    return withAsides(asWritten, message, most)
  const parts = plainParts(message)
  const { subjects, statement, short, line } = parts
  const [first = '', last = first] = [subjects[0], subjects.at(-1)]
  const image = parts.repository + parts.tag
  const ways = [
    ...subjects.map(subject => `${subject}: ${image}${statement}${line}`),
    `${last}: ${image}${statement}`,
    ...subjects.map(subject => `${subject}: ${image}${short}`),
  ]
  const whole = ways.find(way => way.length <= most)
  if (whole !== undefined) return withAsides(whole, message, most)
  const excess = (ways.at(-1) ?? '').length - most
  const subject = shorten(last, Math.max(shortestSubject, last.length - excess))
  const room = most - `${subject}: ${parts.tag}${short}`.length
  return shorten(`${subject}: ${shortened(parts.repository, room)}${parts.tag}${short}`, most)
}

function withAsides(text: string, { asides }: Message, most: number): string {
  return asides.reduce((said, aside) => (said.length + aside.length <= most ? said + aside : said), text)
}

/** The repository in so much room: its registry and its last part tell it from others, what is between gives way. */
function shortened(repository: string, room: number): string {
  const [host = '', ...path] = repository.split('/')
  const last = path.at(-1)
  if (repository.length <= room || last === undefined || path.length === 1) return repository
  const kept = path.toReversed()
  let end = last
  for (const part of kept.slice(1)) {
    if (`${host}/…/${part}/${end}`.length > room) break
    end = `${part}/${end}`
  }
  return `${host}/…/${end}`
}

function plainParts(message: Message): Message {
  return {
    subjects: message.subjects.map(printable),
    repository: printable(message.repository),
    tag: printable(message.tag),
    statement: printable(message.statement),
    short: printable(message.short),
    line: printable(message.line),
    asides: message.asides,
  }
}
