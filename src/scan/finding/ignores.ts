import { parse } from 'yaml'
import { referenceOf } from '../../image/index.ts'
import { isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { matchesImage, parseImagePattern, type ImagePattern } from '../../policy/index.ts'
import { instantOf } from '../../text/index.ts'
import { matchesWildcard, shortLine, spellInstant } from '../../text/index.ts'
import type { TextLines } from '../document/text-lines.ts'
import type { LocatedImage, ScannedImage } from './scanned-image.ts'

/** An ignore of a file, or of a list of ignores: it ends, and it says why. */
export interface Ignore {
  /** Where it stands, for messages: `web.yaml:12`. */
  readonly place: string
  /** The lines of a file that it is about; undefined: it goes by paths and images. */
  readonly lines: { readonly file: string; readonly first: number; readonly last: number } | undefined
  /** With wildcards; none: any. */
  readonly paths: readonly string[]
  readonly images: readonly ImagePattern[]
  /** Epoch milliseconds. */
  readonly until: number
  readonly because: string
}

/** Ignores, and what is wrong with others, as sentences. */
export interface Ignores {
  readonly ignores: readonly Ignore[]
  readonly problems: readonly string[]
}

const directive = /#\s*patchline:\s*ignore\b(.*)$/i
const longestShown = 200

/** The ignores in the comments of a file: each is about its own line, or, on a line without anything else, about the next. */
export function ignoresIn(file: string, lines: TextLines): Ignores {
  const ignores: Ignore[] = []
  const problems: string[] = []
  for (let line = 1; line <= lines.count; line++) {
    const text = lines.line(line)
    const said = text.length > longestLine ? undefined : directive.exec(text)?.[1]
    if (said === undefined) continue
    const place = `${file}:${line}`
    const isAlone = /^\s*#/.test(text)
    const read = readDirective(said)
    if (typeof read === 'string') problems.push(`${place}: the ignore does not count: ${read}`)
    else {
      const about = isAlone ? nextContent(lines, line) : line
      ignores.push({ place, lines: { file, first: about, last: about }, paths: [], images: [], ...read })
    }
  }
  return { ignores, problems }
}

// A comment behind so much text is none that a person reads; the pattern need not search it.
const longestLine = 10_000

function nextContent(lines: TextLines, from: number): number {
  for (let line = from + 1; line <= lines.count; line++) {
    const text = lines.line(line)
    if (text.trim() !== '' && !/^\s*#/.test(text)) return line
  }
  return from
}

const howTo = 'write # patchline: ignore until 2027-01-31 because …'

function readDirective(said: string): Pick<Ignore, 'until' | 'because'> | string {
  const [, date, because = ''] = /^\s*until\s+(\S+)(?:\s+because\s+(.*))?\s*$/.exec(said) ?? []
  if (date === undefined) return `it says no end; ${howTo}`
  return ending(date, because)
}

function ending(date: string, because: string): Pick<Ignore, 'until' | 'because'> | string {
  const until = instantOf(date)
  if (until === undefined) return `${JSON.stringify(shortLine(date, 40))} is no date; ${howTo}`
  if (because.trim() === '') return `it says no reason; ${howTo}`
  return { until, because: shortLine(because.trim(), longestShown) }
}

/** The ignores of a file that is a list of them: `ignores: [{images, paths, until, because}]`. */
export function ignoresOfList(file: string, text: string): Ignores {
  const list = listIn(text)
  if (list === undefined)
    return {
      ignores: [],
      problems: [`${file} is no list of ignores; it has ignores: with images or paths, until, because`],
    }
  const read = list.map((item, index) => readItem(item, `${file} ignores[${index}]`))
  return {
    ignores: read.filter(one => typeof one !== 'string'),
    problems: read.filter(one => typeof one === 'string'),
  }
}

function listIn(text: string): readonly unknown[] | undefined {
  try {
    const list = member(parse(text, { logLevel: 'silent' }), 'ignores')
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}

const known: ReadonlySet<string> = new Set(['images', 'paths', 'until', 'because'])

function readItem(item: unknown, place: string): Ignore | string {
  if (!isJsonObject(item)) return `${place}: it is no mapping`
  const strange = Object.keys(item).find(key => !known.has(key))
  if (strange !== undefined)
    return `${place}: ${shortLine(strange, 40)} is no key of it; its keys are ${[...known].join(', ')}`
  const paths = itemsOf(item['paths']).map(textOf)
  const patterns = itemsOf(item['images']).map(textOf).map(parseImagePattern)
  const wrong = patterns.find(pattern => 'problem' in pattern)
  if (wrong !== undefined) return `${place}: ${wrong.problem}`
  if (paths.length + patterns.length === 0) return `${place}: it names neither images nor paths`
  const end = ending(textOf(item['until']), textOf(item['because']))
  if (typeof end === 'string') return `${place}: ${end.split(';', 1)[0]}`
  return { place, lines: undefined, paths, images: patterns.filter(one => 'parts' in one), ...end }
}

/** The rows with what ignores them, and what is to be told about ignores that ended or have nothing to do. */
export function applyIgnores(
  rows: readonly ScannedImage[],
  ignores: readonly Ignore[],
  now: number,
): { readonly rows: readonly ScannedImage[]; readonly notes: readonly string[] } {
  const used = new Set<Ignore>()
  const applied = rows.map(row => {
    const [longest] = ignores
      .filter(ignore => isAbout(ignore, row))
      .toSorted((one, other) => other.until - one.until)
    if (longest === undefined || !hasTrouble(row)) return row
    used.add(longest)
    if (longest.until <= now || row.silenced !== undefined) return row
    const { until, because } = longest
    return { ...row, silenced: { by: 'ignore' as const, until, because } }
  })
  return { rows: applied, notes: ignores.flatMap(ignore => noteOn(ignore, used.has(ignore), now)) }
}

function hasTrouble({ evaluation }: ScannedImage): boolean {
  return evaluation.verdict !== 'current' || evaluation.reason === 'not-listed'
}

function noteOn({ place, until }: Ignore, isUsed: boolean, now: number): readonly string[] {
  if (!isUsed) return [`${place}: the ignore has nothing to ignore; remove it`]
  return until <= now ? [`${place}: the ignore ended ${spellInstant(until)}`] : []
}

function isAbout({ lines, paths, images }: Ignore, { file, position, found }: LocatedImage): boolean {
  if (lines !== undefined)
    return lines.file === file && position.line >= lines.first && position.line <= lines.last
  const reference = referenceOf(found.image)
  const isOfPath = paths.length === 0 || paths.some(path => matchesWildcard(path, file))
  const isOfImage =
    images.length === 0 ||
    (reference !== undefined && images.some(pattern => matchesImage(pattern, reference)))
  return isOfPath && isOfImage
}
