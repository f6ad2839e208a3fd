import { Gauge, type Registry } from 'prom-client'
import { addCounter } from './instruments.ts'

/** The size and age of the catalog. */
export interface CatalogState {
  readonly repositories: number
  readonly tags: number
  /** The memory that they take. */
  readonly bytes: number
  /** The age of the tags that were requested longest ago, in milliseconds. */
  readonly oldestAge: number
}

/** A fault of the catalog's copy on disk. */
export type DiskErrorKind = 'corrupt' | 'other-version' | 'unreadable' | 'unwritable' | 'unsaved'

/** Adds the metrics of the catalog; returns the counter of faults of its copy on disk. */
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
        this.remove() // without a value there is no series
        const now = value(state())
        if (now !== undefined) this.set(now)
      },
    })
  gauge('patchline_catalog_repositories', 'Repositories whose tags are in memory', now => now.repositories)
  gauge('patchline_catalog_tags', 'Tags in memory', now => now.tags)
  gauge('patchline_catalog_bytes', 'Memory that the tags take', now => now.bytes)
  // In an empty catalog an age of 0 would say that all tags are fresh.
  gauge('patchline_catalog_oldest_age_seconds', 'Age of the tags that were asked for longest ago', now =>
    now.repositories === 0 ? undefined : now.oldestAge / 1000,
  )
  const count = addCounter(registry, {
    name: 'patchline_catalog_disk_errors_total',
    help: 'Troubles with the copy of the catalog on disk',
    labelNames: ['kind'],
  })
  return kind => count(kind)
}
