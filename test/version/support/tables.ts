import { createSupportTables, type SupportTableSettings } from '../../../src/version/index.ts'
import type { SupportTable } from '../../../src/version/support/support-tables.ts'

/** The table of a repository of Docker Hub, by the shipped ones and those of a configuration. */
export function tableOf(repository: string, configured: readonly SupportTableSettings[] = []): SupportTable {
  const table = createSupportTables(configured).of({ registry: 'docker.io', repository })
  if (table === undefined) throw new Error(`no table has ${repository}`)
  return table
}
