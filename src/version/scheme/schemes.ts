import { builtInReading, type TagReading } from '../reading/tag-reading.ts'
import { suffixReading } from '../reading/read-suffix.ts'
import { noGrammar, type Grammar } from '../grammar/grammar.ts'
import { readSuffix } from '../tag/fields.ts'
import { originOf, prefixesOf, prefixesOfRepository, type ImageRepository } from './images.ts'
import { compileScheme, SchemeError, type Scheme, type SchemeSettings } from './scheme.ts'
import { shippedSchemes } from './table.ts'
import { schemeMark, type ReadSuffix } from './version.ts'

/** How the tags of each repository are read. */
export interface Schemes {
  /** The same object for the same repository, each time; the built-in rules where no scheme is meant for it. */
  of(repository: ImageRepository): TagReading
}

/**
 * The schemes of the configuration before those that are shipped; of either the ones with the longest beginning hold,
 * alone; of the shipped ones also those that are meant for what the repository is a copy of. Where several begin alike, the first whose pattern fits reads a tag. A tag that none fits is read by the
 * built-in rules, and never compared with those that were read by a scheme.
 * @throws SchemeError that names the first configured scheme that cannot be used, and says why.
 */
export function createSchemes(configured: readonly SchemeSettings[]): Schemes {
  const [own, shipped] = [tableOf(configured), tableOf(shippedSchemes)]
  return {
    of(repository) {
      const origin = originOf(repository)
      return (
        readingIn(own, repository) ??
        readingIn(shipped, repository) ??
        (origin && readingIn(shipped, origin)) ??
        builtInReading
      )
    },
  }
}

function readingIn(table: Table, repository: ImageRepository): TagReading | undefined {
  const prefix = prefixesOfRepository(repository).find(beginning => table.has(beginning))
  return prefix === undefined ? undefined : table.get(prefix)
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
    reader(grammar) {
      const builtIn = builtInReading.reader(grammar)
      const suffixes = suffixReader(grammar)
      return tag => bySchemes(tag, suffixes) ?? builtIn(tag)
    },
    line(tag, version, depth) {
      if (!version.prefix.startsWith(schemeMark)) return builtInReading.line(tag, version, depth)
      return schemes.find(scheme => scheme.read(tag, suffixReader(noGrammar)) !== undefined)?.line(tag, depth)
    },
  }
  function bySchemes(tag: string, suffixes: ReadSuffix): ReturnType<Scheme['read']> {
    for (const scheme of schemes) {
      const version = scheme.read(tag, suffixes)
      if (version !== undefined) return version
    }
    return undefined
  }
}

function suffixReader(grammar: Grammar): ReadSuffix {
  return (text, core) =>
    suffixReading({ kind: 'version', prefix: '', core, suffix: readSuffix(text) }, grammar)
}

const longestShown = 60 // a message must stay readable whatever the configuration holds

function shown(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
}
