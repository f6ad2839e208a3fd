import type { Repository } from '../../image/index.ts'
import type { CatalogStore } from './store.ts'

/** A store that gives nothing of some repositories, whatever it holds. */
export function createStoreWithout(
  inner: CatalogStore,
  isLeftOut: (repository: Repository) => boolean,
): CatalogStore {
  return {
    open: () => inner.open(),
    has: key => inner.has(key),
    async load(key) {
      const stored = await inner.load(key)
      return stored === undefined || isLeftOut(stored.repository) ? undefined : stored
    },
    async *all() {
      for await (const stored of inner.all()) if (!isLeftOut(stored.repository)) yield stored
    },
    save: (key, stored) => inner.save(key, stored),
    close: () => inner.close(),
  }
}
