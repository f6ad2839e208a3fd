import { platformTables } from './shipped-platforms.ts'
import { serverTables } from './shipped-servers.ts'
import type { ShippedTable, SupportLineSettings, TableRows } from './support-line.ts'

/** The shipped tables of support dates, one for each product. docs/policies.md lists them. */
export const shippedTables: readonly ShippedTable[] = [...platformTables, ...serverTables].map(tableOf)

function tableOf({ rows, ...settings }: TableRows): ShippedTable {
  return { ...settings, lines: rows.trim().split('\n').map(lineOf) }
}

function lineOf(row: string): SupportLineSettings {
  const [line = '', released = '-', end = '-', kind, from] = row.trim().split(' ')
  const ltsFrom = kind === 'lts' ? (from ?? released) : undefined
  return {
    line,
    ...(released !== '-' && { released }),
    ...(end !== '-' && { end }),
    ...(ltsFrom !== undefined && { ltsFrom }),
    ...(kind === 'development' && { development: true }),
  }
}
