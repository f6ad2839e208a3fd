/** The tags of repositories in memory: one look-up at a time for each, the last good value kept while a registry fails. */
export { createCatalog, type Catalog } from './catalog.ts'
export type { CatalogOptions, LookUpEvent } from './options.ts'
