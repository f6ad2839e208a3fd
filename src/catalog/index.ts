/** The tags of repositories and what they stand for, in memory and on disk; the last good value stays while a registry fails. */
export { createCatalog, type Catalog, type CatalogSize } from './catalog.ts'
export { createDiskStore, type DiskStoreOptions } from './disk/disk-store.ts'
export { createStoreWithout } from './disk/store.ts'
export { createLogDeduplication } from './refresh/failures.ts'
export {
  catalogFileSource,
  readCatalogFile,
  writeCatalogFile,
  type CatalogFile,
  type ExportedRepository,
} from './file/catalog-file.ts'
export type { CatalogOptions, CatalogSource, SuspicionEvent, LookUpEvent } from './refresh/options.ts'
export type { CatalogStore, StoreProblem } from './disk/store.ts'
