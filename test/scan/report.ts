import { createHash } from 'node:crypto'
import {
  evaluateImages,
  TagSourceError,
  type KnownTags,
  type TagCatalog,
} from '../../src/evaluation/index.ts'
import { familiarRepository, type Repository } from '../../src/image/index.ts'
import { noPolicies, bookOf, type PolicySource } from '../../src/policy/index.ts'
import { judgeAll, readFiles, type FilesReading, type ScanReport } from '../../src/scan/index.ts'
import { builtInReading, learnTags, tagListOf } from '../../src/version/index.ts'
import { workloadKindsOf } from '../../src/workload/index.ts'

/** The instant of all scans of tests. */
export const now = Date.parse('2026-11-29T12:00:00Z')

/** Tags by repository as people write it; a repository that is not there cannot be asked. */
export type Tags = Readonly<Record<string, string>>

/** Files, read and judged by lists of tags. */
export async function scanned(
  files: Readonly<Record<string, string>>,
  tags: Tags,
  policies: PolicySource = noPolicies,
): Promise<{ readonly report: ScanReport; readonly reading: FilesReading }> {
  const given = Object.entries(files).map(([path, text]) => ({ path, text, isNamed: false }))
  const reading = readFiles(given, { kindOf: workloadKindsOf([]) })
  const rows = await judgeAll(reading.images, {
    book: bookOf(
      { defaults: { mode: 'warn', strategy: 'patch' }, ownNamespace: 'patchline-system' },
      policies,
    ),
    namespace: 'default',
    namespaceLabels: {},
    now,
    hash: text => createHash('sha256').update(text).digest('hex').slice(0, 12),
    async evaluate(image, offers) {
      const timeLimit = { wait: async <T>(promise: Promise<T>): Promise<T> => promise }
      const ports = { catalog: catalogOf(tags), timeLimit, wallClock: () => now }
      const found = (await evaluateImages({ images: [image], budget: 1, ...offers }, ports)).get(image)
      if (found === undefined) throw new Error(image)
      return found
    },
  })
  const { unread, notes, known } = reading
  return { reading, report: { rows, unread, notes, files: known } }
}

function catalogOf(tags: Tags): TagCatalog {
  const known = (repository: Repository): KnownTags | undefined => {
    const list = tags[familiarRepository(repository)]
    if (list === undefined) return undefined
    return { learned: learnTags(tagListOf(list.split(' ')), builtInReading), age: 0, stale: false }
  }
  return {
    known,
    async lookUp(repository) {
      throw new TagSourceError('unavailable', `${familiarRepository(repository)}: it does not answer`)
    },
  }
}
