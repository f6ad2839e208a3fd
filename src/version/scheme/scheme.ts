import { RE2JS, RE2JSException } from 're2js'
import type { Version } from '../reading/version.ts'
import { datesAreRevisions, partsOf, type PartName, type Parts } from './parts.ts'
import { createSchemeReader, type PartText, type ReadSuffix } from './version.ts'

/** A pattern for the tags of some images, whose named groups say what is what: see {@link partNames}. */
export interface SchemeSettings {
  /** What a message calls it; else the images. */
  readonly name?: string
  /** How the images begin, as a person writes them: `postgres`, `quay.io/minio`, `registry.example.com/team/app`. */
  readonly images: readonly string[]
  /** In the syntax of RE2, for the whole of a tag: `(?P<major>[0-9]+)\.(?P<patch>[0-9]+)(?P<suffix>.*)`. */
  readonly pattern: string
}

export type SchemeErrorCode =
  | 'invalid-images' // no image can begin like that
  | 'invalid-pattern' // the pattern is not RE2, or names no number

/** A scheme cannot be used: `scheme` is its place among those that are configured. */
export class SchemeError extends Error {
  override readonly name = 'SchemeError'
  readonly code: SchemeErrorCode
  readonly scheme: number

  constructor(code: SchemeErrorCode, scheme: number, message: string) {
    super(message)
    this.code = code
    this.scheme = scheme
  }
}

/** A pattern that was compiled. */
export interface Scheme {
  /** The tag as a version; undefined where the pattern does not match the whole of it, or what it finds is no number. */
  read(tag: string, readSuffix: ReadSuffix): Version | undefined
  /** What stands in the tag from its prefix to the last of the first `depth` numbers; undefined for nothing. */
  line(tag: string, depth: number): string | undefined
}

// It is read by people, and its program runs over each tag of the images.
const longestPattern = 512
// Matching takes at most tag length times program size: 128 times this is two milliseconds.
const largestProgram = 500

/** The scheme of a pattern, or what is wrong with it. */
export function compileScheme(pattern: string): Scheme | string {
  if (pattern.length > longestPattern) return `the pattern is longer than ${longestPattern} characters`
  const compiled = compile(pattern)
  if (typeof compiled === 'string') return compiled
  const size = compiled.programSize()
  if (size > largestProgram)
    return `the pattern is too large once compiled (${size} instructions, at most ${largestProgram}): repeat fewer things fewer times`
  const parts = partsOf(compiled.namedGroups())
  return typeof parts === 'string' ? parts : createScheme(compiled, parts)
}

function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSException) return `the pattern is none of RE2's syntax: ${error.message}`
    throw error
  }
}

function createScheme(pattern: RE2JS, parts: Parts): Scheme {
  const reader = createSchemeReader(parts)
  return {
    read(tag, readSuffix) {
      const matcher = pattern.matcher(tag)
      if (!matcher.matches()) return undefined
      const text: PartText = part => {
        const group = parts.get(part)
        return group === undefined ? undefined : matcher.group(group) || undefined // no text says nothing
      }
      return reader.versionOf(text, readSuffix)
    },
    line(tag, depth) {
      const matcher = pattern.matcher(tag)
      if (!matcher.matches()) return undefined
      const groups = heldParts(parts, depth)
      const starts = groups.map(group => matcher.start(group)).filter(start => start >= 0)
      const ends = groups.map(group => matcher.end(group))
      return tag.slice(Math.min(...starts), Math.max(0, ...ends)) || undefined
    },
  }
}

function heldParts(parts: Parts, depth: number): readonly number[] {
  const numbers: readonly (readonly PartName[])[] = datesAreRevisions(parts)
    ? [['major'], ['minor'], ['patch'], ['build']]
    : [['major'], ['minor'], ['year', 'month', 'day'], ['build', 'time']]
  const held: readonly PartName[] = ['prefix', ...numbers.slice(0, depth).flat()]
  return held.map(part => parts.get(part)).filter(group => group !== undefined)
}
