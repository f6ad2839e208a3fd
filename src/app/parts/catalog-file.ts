import {
  catalogFileSource,
  createCatalog,
  createDiskStore,
  type Catalog,
  type CatalogFile,
} from '../../catalog/index.ts'
import type { Repository } from '../../image/index.ts'
import type { TagReading } from '../../version/index.ts'

export {
  readCatalogFile,
  writeCatalogFile,
  type CatalogFile,
  type ExportedRepository,
} from '../../catalog/index.ts'

/** A catalog over a file, which asks no registry; its tags are as old as the file. */
export function composeFileCatalog(
  file: CatalogFile,
  reading: (repository: Repository) => TagReading,
): Catalog {
  return createCatalog(catalogFileSource(file), { now: Date.now, random: Math.random, reading })
}

/** Writes the tags of a file into the directory of a catalog, as if they had been fetched then; the faults of its disk, as sentences. */
export async function importCatalog(file: CatalogFile, directory: string): Promise<readonly string[]> {
  const problems: string[] = []
  const now = (): number => file.exportedAt
  const store = createDiskStore({
    directory,
    now: Date.now,
    onProblem: ({ file: path, message }) => void problems.push(`${path}: ${message}`),
  })
  const catalog = createCatalog(catalogFileSource(file), { now, random: Math.random, store })
  await catalog.load()
  for (const { registry, repository } of file.repositories)
    await catalog.lookUp({ registry, repository, fresh: file.exportedAt })
  await catalog.close()
  return problems
}
