import type { Evaluation } from '../evaluation/index.ts'
import type { Rejection } from '../version/index.ts'

/** One reference with what was found out about it. */
export interface Checked {
  readonly evaluation: Evaluation
  /** The tag that the reference stands for, `latest` where it has neither tag nor digest. */
  readonly tag: string | undefined
  /** Why each other tag was not chosen, where that was asked for and the tags were had. */
  readonly rejected: readonly Rejection[] | undefined
}

/** One JSON object a line, in the order of the references; what does not apply is absent. */
export function printJson(checked: readonly Checked[]): string {
  return checked.map(one => `${JSON.stringify(jsonOf(one))}\n`).join('')
}

function jsonOf({ evaluation, tag, rejected }: Checked): Record<string, unknown> {
  const { image, verdict, newest, elsewhere, behind, reason, line, detail } = evaluation
  return { reference: image, tag, verdict, newest, elsewhere, behind, reason, line, detail, rejected }
}

/** A table for people, followed by what does not fit into it. */
export function printTable(checked: readonly Checked[]): string {
  const rows = [['REFERENCE', 'VERDICT', 'NEWEST', 'BEHIND', 'WHY'], ...checked.map(rowOf)]
  const widths = [0, 1, 2, 3].map(column => widest(rows.map(row => row[column] ?? '')))
  const lines = rows.map(row =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...lines, ...checked.flatMap(rejectedLines)].map(line => `${line}\n`).join('')
}

function rowOf({ evaluation }: Checked): string[] {
  const { image, verdict, newest, behind } = evaluation
  return [
    printable(image),
    verdict,
    newest ?? '-',
    behind === 0 ? '-' : String(behind),
    printable(whyOf(evaluation)),
  ]
}

function whyOf({ reason, detail, elsewhere, line }: Evaluation): string {
  if (detail !== undefined) return `${reason}: ${detail}`
  const goesOn = elsewhere === undefined ? '' : `the line goes on as ${elsewhere}`
  if (reason === 'not-listed')
    return `${reason}: ${['there is no such tag', goesOn].filter(Boolean).join('; ')}`
  if (goesOn !== '') return `${reason}: ${goesOn}`
  return line === undefined ? reason : `${reason} in line ${line}`
}

function rejectedLines({ evaluation, rejected }: Checked): readonly string[] {
  if (rejected === undefined) return []
  const width = widest(rejected.map(({ tag }) => tag))
  return [
    '',
    `${printable(evaluation.image)}: ${rejected.length} other tags`,
    ...rejected.map(({ tag, reason }) => `  ${printable(tag).padEnd(width)}  ${reason}`),
  ]
}

// A longer text pushes only its own line.
const widestColumn = 60

// A list of tags may be longer than a call has room for arguments.
function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, Math.min(text.length, widestColumn)), 0)
}

// Texts of a registry or a manifest must not steer the terminal (and a tag may be anything until it was checked).
function printable(text: string): string {
  return text.replace(/[\p{C}]/gu, '\u{FFFD}')
}
