import { readTag } from './read-tag.ts'
import { compileScheme, SchemeError, type Scheme, type SchemeSettings, type SchemeVersion } from './scheme.ts'
import { prefixesOf, prefixesOfRepository, type ImageRepository } from './scheme-images.ts'
import { shippedSchemes } from './scheme-table.ts'
import { builtInReading, type TagReading } from './tag-reading.ts'
import type { Version } from './version.ts'

/** How the tags of each repository are read. */
export interface Schemes {
  /** The same object for the same repository, each time; the built-in rules where no scheme is meant for it. */
  of(repository: ImageRepository): TagReading
}

/**
 * The schemes of the configuration before those that are shipped; of either the ones with the longest beginning hold,
 * alone. Where several begin alike, the first whose pattern fits reads a tag. A tag that none fits is read by the
 * built-in rules, and never compared with those that were read by a scheme.
 * @throws SchemeError that names the first configured scheme that cannot be used, and says why.
 */
export function createSchemes(configured: readonly SchemeSettings[]): Schemes {
  const tables = [tableOf(configured), tableOf(shippedSchemes)].filter(table => table.size > 0)
  return {
    of(repository) {
      const prefixes = prefixesOfRepository(repository)
      for (const table of tables) {
        const prefix = prefixes.find(beginning => table.has(beginning))
        if (prefix !== undefined) return table.get(prefix) ?? builtInReading
      }
      return builtInReading
    },
  }
}

type Table = ReadonlyMap<string, TagReading>

function tableOf(settings: readonly SchemeSettings[]): Table {
  const schemes = new Map<string, Scheme[]>()
  for (const [at, { name, images, pattern }] of settings.entries()) {
    const called = `scheme ${at + 1} (${shown(name ?? images[0] ?? 'no images')})`
    const scheme = compileScheme(pattern)
    if (typeof scheme === 'string') throw new SchemeError('invalid-pattern', at, `${called}: ${scheme}`)
    if (images.length === 0) throw new SchemeError('invalid-images', at, `${called}: it names no images`)
    for (const beginning of images) {
      const prefixes = prefixesOf(beginning)
      if (prefixes === undefined)
        throw new SchemeError('invalid-images', at, `${called}: no image begins with ${shown(beginning)}`)
      for (const prefix of prefixes) schemes.set(prefix, [...(schemes.get(prefix) ?? []), scheme])
    }
  }
  return new Map([...schemes].map(([prefix, those]) => [prefix, readingBy(those)]))
}

function readingBy(schemes: readonly Scheme[]): TagReading {
  return {
    read(tag) {
      const builtIn = readTag(tag)
      if (builtIn === 'illegal' || builtIn === 'artefact') return builtIn
      for (const scheme of schemes) {
        const version = scheme.read(tag)
        if (version !== undefined) return version
      }
      return builtIn
    },
    line: (version, depth) =>
      isOfScheme(version) ? version.scheme.line(version.tag, depth) : numbersOf(version, depth),
  }
}

function isOfScheme(version: Version): version is SchemeVersion {
  return 'scheme' in version
}

function numbersOf({ x, y, z, w, count }: Version, depth: number): string | undefined {
  const numbers = [x, y, z, w].slice(0, Math.min(depth, count))
  return numbers.length === 0 ? undefined : numbers.join('.')
}

const longestShown = 60 // a message must stay readable whatever the configuration holds

function shown(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}
