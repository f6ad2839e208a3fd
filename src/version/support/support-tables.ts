import type { Version } from '../reading/version.ts'
import { compareNumbers } from '../tag/numeral.ts'
import { originOf, type ImageRepository } from '../scheme/images.ts'
import { shippedTables } from './shipped-tables.ts'
import {
  lineKeyOf,
  lineKeysOf,
  supportLineOf,
  type OtherLines,
  type ShippedTable,
  type SupportLine,
  type SupportLineSettings,
  type SupportTableSettings,
} from './support-line.ts'

/** What is known of the lines of a product. */
export interface SupportTable {
  /** How many numbers name a line: 1 as in `22`, or 2 as in `1.28`. */
  readonly numbers: 1 | 2
  readonly otherLines: OtherLines
  /** The days on which long-term support of a line begins, in epoch milliseconds, in order. */
  readonly turns: readonly number[]
  /** The line of a version: the one with the most numbers of those that it begins with. */
  lineOf(version: Version): SupportLine | undefined
}

/** The tables of all products. */
export interface SupportTables {
  /** The table of a repository, or of what it is a copy of; the same object each time. Undefined where there is none. */
  of(repository: ImageRepository): SupportTable | undefined
}

/**
 * The shipped tables with those of the configuration: for a repository that both have, a line of the configuration replaces the
 * one with the same numbers. Images are compared as wholes: `docker.io/library/node` says nothing of `docker.io/library/node-red`.
 */
export function createSupportTables(configured: readonly SupportTableSettings[]): SupportTables {
  const own = Map.groupBy(
    configured.flatMap(({ images, lines }) => images.map(image => ({ image, lines }))),
    ({ image }) => image,
  )
  const shipped = new Map(shippedTables.flatMap(table => table.images.map(image => [image, table] as const)))
  const known = new Map<string, SupportTable | undefined>()
  const tableOf = (image: string): SupportTable | undefined => {
    if (!own.has(image) && !shipped.has(image)) return undefined
    // Made when it is first asked for: most processes need none.
    const table =
      known.get(image) ??
      tableWith(
        shipped.get(image),
        (own.get(image) ?? []).flatMap(each => each.lines),
      )
    known.set(image, table)
    return table
  }
  return {
    of(repository) {
      const origin = originOf(repository)
      return tableOf(nameOf(repository)) ?? (origin && tableOf(nameOf(origin)))
    },
  }
}

function nameOf({ registry, repository }: ImageRepository): string {
  return `${registry}/${repository}`
}

function tableWith(shipped: ShippedTable | undefined, own: readonly SupportLineSettings[]): SupportTable {
  const all = [
    ...(shipped?.lines ?? []).map(line => supportLineOf(line, shipped?.asOf)),
    ...own.map(line => supportLineOf(line, undefined)),
  ]
  const lines = new Map(all.map(line => [lineKeyOf(line.line), line]))
  const turns = [...lines.values()].flatMap(({ ltsFrom }) => ltsFrom ?? [])
  return {
    // The newest line says it: .NET went from 3.1 to 5.
    numbers: newestOf([...lines.keys()]).includes('.') ? 2 : 1,
    otherLines: shipped?.otherLines ?? 'stable',
    turns: [...new Set(turns)].toSorted((a, b) => a - b),
    lineOf(version) {
      const key = lineKeysOf(version).find(one => lines.has(one))
      return key === undefined ? undefined : lines.get(key)
    },
  }
}

function newestOf(keys: readonly string[]): string {
  const [newest = ''] = keys.toSorted((a, b) => {
    const [first, second] = [a, b].map(key => key.split('.').map(Number))
    return compareNumbers(second ?? [], first ?? [])
  })
  return newest
}
