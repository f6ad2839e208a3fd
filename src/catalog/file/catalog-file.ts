import { createHash } from 'node:crypto'
import { TagSourceError, type TagListing, type TagSource } from '../../evaluation/index.ts'
import { familiarRepository, type Repository } from '../../image/index.ts'
import { isJsonObject, itemsOf, jsonIn, member, textOf } from '../../json/index.ts'
import { isLegalTag, tagListOf } from '../../version/index.ts'

/** The tags of a repository in a catalog file. */
export interface ExportedRepository extends Repository {
  /** In the order of the registry. */
  readonly tags: readonly string[]
  /** When tags were pushed, in epoch milliseconds, where their registry says so. */
  readonly published: Readonly<Record<string, number>>
}

/** The tags of repositories at one instant, to be judged by where no registry can be asked. */
export interface CatalogFile {
  /** Epoch milliseconds. */
  readonly exportedAt: number
  readonly repositories: readonly ExportedRepository[]
}

const kind = 'patchline-catalog'
const version = 1

/**
 * A catalog as the text of a file: a line that says what it is, with the SHA-256 of all that follows, and a line of JSON. The digest
 * finds damage; it proves no origin, for it is in the same file.
 */
export function writeCatalogFile({ exportedAt, repositories }: CatalogFile): string {
  const body = `${JSON.stringify({ exportedAt: new Date(exportedAt).toISOString(), repositories })}\n`
  return `${JSON.stringify({ kind, version, digest: digestOf(body) })}\n${body}`
}

/** Reads the text of a catalog file; a sentence says what is wrong with it. */
export function readCatalogFile(text: string): CatalogFile | string {
  const end = text.indexOf('\n') + 1
  const head = jsonIn(text.slice(0, end))
  const body = text.slice(end)
  if (!isJsonObject(head) || head['kind'] !== kind) return 'it is no catalog of patchline catalog export'
  if (head['version'] !== version) return 'it is a catalog of another version: export it again'
  if (head['digest'] !== digestOf(body))
    return 'it is damaged: its digest is another one; export or copy it again'
  const read = jsonIn(body)
  const exportedAt = Date.parse(textOf(member(read, 'exportedAt')))
  if (Number.isNaN(exportedAt)) return 'it says no time of its export'
  return { exportedAt, repositories: itemsOf(member(read, 'repositories')).flatMap(readRepository) }
}

function digestOf(body: string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function readRepository(value: unknown): readonly ExportedRepository[] {
  const [registry, repository] = ['registry', 'repository'].map(key => textOf(member(value, key)))
  if (!registry || !repository) return []
  const tags = itemsOf(member(value, 'tags')).map(textOf).filter(isLegalTag)
  const dates = member(value, 'published')
  const published = isJsonObject(dates)
    ? Object.fromEntries(
        Object.entries(dates).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      )
    : {}
  return [{ registry, repository, tags, published }]
}

/** The tags of a catalog file as a source of tags. */
export function catalogFileSource({ repositories }: Pick<CatalogFile, 'repositories'>): TagSource {
  const byName = new Map(repositories.map(one => [`${one.registry}/${one.repository}`, one]))
  return {
    async listTags({ registry, repository }) {
      const one = byName.get(`${registry}/${repository}`)
      if (one !== undefined) return listingOf(one)
      const message = `${familiarRepository({ registry, repository })}: the catalog file does not have it; export it again with this image`
      throw new TagSourceError('not-found', message)
    },
  }
}

function listingOf({ tags, published }: ExportedRepository): TagListing {
  const dates = tags.map(tag => published[tag] ?? 0)
  return {
    kind: 'listed',
    tags: tagListOf(tags),
    slice: undefined,
    published: dates.some(date => date > 0) ? Float64Array.from(dates) : undefined,
    validator: undefined,
    shared: true,
  }
}
