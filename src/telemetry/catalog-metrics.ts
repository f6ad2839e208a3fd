import { Gauge, type Registry } from 'prom-client'

import { createTally } from './tally.ts'

/** What the catalog holds now. */
export interface CatalogState {
  readonly repositories: number
  readonly tags: number
  /** What memory takes for them. */
  readonly bytes: number
  /** The age of those that were asked for longest ago, in milliseconds. */
  readonly oldestAge: number
}

/** What can be wrong with the catalog's copy on disk. */
export type DiskErrorKind = 'corrupt' | 'other-version' | 'unreadable' | 'unwritable' | 'unsaved'

/** Adds what concerns the catalog; gives what counts the troubles with its copy on disk. */
export function addCatalogMetrics(
  registry: Registry,
  state: () => CatalogState,
): (kind: DiskErrorKind) => void {
  const gauge = (name: string, help: string, value: (now: CatalogState) => number | undefined): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.remove() // without a value there is no line
        const now = value(state())
        if (now !== undefined) this.set(now)
      },
    })
  gauge('patchline_catalog_repositories', 'Repositories whose tags are in memory', now => now.repositories)
  gauge('patchline_catalog_tags', 'Tags in memory', now => now.tags)
  gauge('patchline_catalog_bytes', 'Memory that the tags take', now => now.bytes)
  // An age of nought would say that all is fresh, where there is nothing.
  gauge('patchline_catalog_oldest_age_seconds', 'Age of the tags that were asked for longest ago', now =>
    now.repositories === 0 ? undefined : now.oldestAge / 1000,
  )
  const count = createTally(registry, {
    name: 'patchline_catalog_disk_errors_total',
    help: 'Troubles with the copy of the catalog on disk',
    labelNames: ['kind'],
  })
  return kind => count(kind)
}
