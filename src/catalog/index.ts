/** The tags of repositories and what they stand for, in memory and on disk; the last good value is kept while a registry fails. */
export { createCatalog, type Catalog, type CatalogSize } from './catalog.ts'
export { createDiskStore, type DiskStoreOptions } from './disk/disk-store.ts'
export { createStoreWithout } from './disk/store-without.ts'
export { createLookUpNews } from './refresh/look-up-news.ts'
export type { CatalogOptions, CatalogSource, DoubtEvent, LookUpEvent } from './refresh/options.ts'
export type { CatalogStore, StoreProblem } from './disk/store.ts'
