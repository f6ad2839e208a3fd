import type { Catalog } from '../../catalog/index.ts'
import { createWatchFile } from './watch-file.ts'
import type { Config } from '../../config/index.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import type { Logger } from '../../telemetry/index.ts'
import { parseReferences } from '../../image/index.ts'
import { createWatching, type Watching } from '../../watching/index.ts'

interface WatchingParts {
  readonly catalog: Catalog
  readonly log: Logger
}

/** Starts to look at what the configuration and the kept list name. */
export async function startWatching(
  { watch, catalog: { directory } }: Config,
  { catalog, log }: WatchingParts,
  shutdown: Shutdown,
): Promise<Watching> {
  const watching = createWatching({
    configured: parseReferences(watch.images),
    tags: {
      lookAgain: async repository => ({ tags: (await catalog.lookAgain(repository)).learned.list.length }),
      holds: repository => catalog.holds(repository),
    },
    store: createWatchFile(directory, log),
    intervalMilliseconds: watch.intervalMinutes * 60_000,
    now: Date.now,
    random: Math.random,
    later(milliseconds, work) {
      const timer = setTimeout(work, milliseconds).unref()
      return () => clearTimeout(timer)
    },
  })
  shutdown.defer(() => watching.close())
  await watching.start()
  return watching
}
