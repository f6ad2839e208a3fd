import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { familiarRepository, parseReferences } from '../../image/index.ts'
import { itemsOf, member } from '../../json/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { WatchStore } from '../../watching/index.ts'

/** Keeps the watch list in a file of the catalog's directory; without one, only until the process ends. */
export function createWatchFile(directory: string | undefined, log: Pick<Logger, 'warn'>): WatchStore {
  if (directory === undefined) return { load: async () => [], save: async () => {} }
  const file = join(directory, 'watches.json')
  let writing = Promise.resolve()
  const write = async (text: string): Promise<void> => {
    try {
      await mkdir(directory, { recursive: true })
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
    } catch (error) {
      log.warn({ file, reason: reasonOf(error) }, 'watch list not written, it ends with the process')
    }
  }
  return {
    async load() {
      try {
        const images = itemsOf(member(JSON.parse(await readFile(file, 'utf8')), 'images'))
        return parseReferences(images.filter(image => typeof image === 'string'))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
          log.warn({ file, reason: reasonOf(error) }, 'watch list not read, it begins with the configuration')
        return []
      }
    },
    save(repositories) {
      const images = repositories.map(familiarRepository)
      writing = writing.then(() => write(JSON.stringify({ images })))
      return writing
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
