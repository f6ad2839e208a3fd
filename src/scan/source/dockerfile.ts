import { referenceOf } from '../../image/index.ts'
import { parseDockerfile, type Instruction, type Word } from '../document/dockerfile-text.ts'
import { joined, segmentFrom, segmentTo, type TracedText } from '../document/traced-text.ts'
import { foundImage, type FoundImage, type SourceNote, type SourceReading } from './found-image.ts'
import { interpolate } from './interpolation.ts'

/**
 * The images that a Dockerfile names: `FROM`, `COPY --from`, `RUN --mount=from=`, and its syntax. Variables have the defaults of
 * the `ARG` lines before the first stage, and the finding is at the instruction, the tag perhaps at its `ARG`.
 */
export function imagesInDockerfile(text: string): SourceReading {
  const { instructions, syntax } = parseDockerfile(text)
  const reading: Reading = { stages: new Set(), values: new Map(), images: [], notes: [], owners: [] }
  if (syntax !== undefined) note(reading, syntax, { owner: 'syntax', part: '' })
  for (const instruction of instructions) readInstruction(instruction, reading)
  return { images: reading.images, notes: reading.notes }
}

interface Reading {
  /** The names of stages, in lower case; an image is never meant by them. */
  readonly stages: Set<string>
  /** Of `ARG` before the first stage; a later one holds only inside its stage. */
  readonly values: Map<string, TracedText>
  readonly images: FoundImage[]
  readonly notes: SourceNote[]
  /** The stages so far, as they are shown. */
  readonly owners: string[]
}

function readInstruction({ name, words }: Instruction, reading: Reading): void {
  switch (name) {
    case 'ARG':
      if (reading.owners.length === 0) readArguments(words, reading)
      return
    case 'FROM':
      return readStage(words, reading)
    case 'COPY':
    case 'ADD':
      return readFlags(words, /^--from=(?=.)/, reading)
    case 'RUN':
      return readFlags(words, /^--mount=(?:[^,]*,)*from=(?=.)/, reading)
  }
}

function readArguments(words: readonly Word[], { values }: Reading): void {
  for (const word of words) {
    const equals = word.text.indexOf('=')
    if (equals <= 0) continue
    const value = unquoted(wordFrom(word, equals + 1))
    values.set(word.text.slice(0, equals), interpolate(value, name => values.get(name)).traced)
  }
}

function readStage(words: readonly Word[], reading: Reading): void {
  const [image, as, alias] = words.filter(({ text }) => !text.startsWith('--'))
  if (image === undefined) return
  const name = as?.text.toUpperCase() === 'AS' ? alias?.text : undefined
  const owner = name === undefined ? `stage ${reading.stages.size}` : `stage ${name}`
  note(reading, unquoted(image), { owner, part: '' })
  // A stage without a name takes a place too: its number is its name.
  reading.stages.add((name ?? `#${reading.stages.size}`).toLowerCase())
  reading.owners.push(owner)
}

function readFlags(words: readonly Word[], flag: RegExp, reading: Reading): void {
  for (const word of words) {
    if (!word.text.startsWith('--')) return
    const start = flag.exec(word.text)?.[0].length
    if (start === undefined) continue
    const value = wordFrom(word, start)
    const end = value.text.indexOf(',')
    const image = end < 0 ? value : { ...value, ...segmentTo(value, end) }
    if (!/^\d+$/.test(image.text))
      note(reading, unquoted(image), { owner: reading.owners.at(-1) ?? '', part: 'from' })
  }
}

function note(reading: Reading, word: Word, names: Pick<FoundImage, 'owner' | 'part'>): void {
  const { traced, missing } = interpolate(word, name => reading.values.get(name))
  const image = joined(traced)
  if (missing.length > 0) {
    const message = `${names.owner}: ${missing.join(', ')} has no default, so the image is not known`
    reading.notes.push({ offset: word.at, message })
    return
  }
  if (image === 'scratch' || image === '' || reading.stages.has(image.toLowerCase())) return
  // What is no reference is told as such, unless a template writes the file.
  if (image.includes('{{') && referenceOf(image) === undefined) return
  const span = { start: word.at, end: word.at + word.text.length }
  reading.images.push(foundImage({ ...names, span, traced }))
}

function wordFrom(word: Word, from: number): Word {
  return { ...segmentFrom(word, from), at: word.at + from }
}

function unquoted(word: Word): Word {
  const quote = word.text[0]
  const isQuoted = (quote === '"' || quote === "'") && word.text.length > 1 && word.text.endsWith(quote)
  return isQuoted ? { ...segmentTo(segmentFrom(word, 1), word.text.length - 2), at: word.at + 1 } : word
}
