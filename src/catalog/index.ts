/** The tags of repositories and what they stand for, in memory and on disk; the last good value is kept while a registry fails. */
export { createCatalog, type Catalog, type CatalogSize } from './catalog.ts'
export { createDiskStore, type DiskStoreOptions } from './disk-store.ts'
export { createStoreWithout } from './store-without.ts'
export { createLookUpNews } from './look-up-news.ts'
export type { CatalogOptions, CatalogSource, DoubtEvent, LookUpEvent } from './options.ts'
export type { CatalogStore, StoreProblem } from './store.ts'
