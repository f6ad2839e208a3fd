import { sourcePlace } from './scan-item.ts'
import { printable } from '../../text/index.ts'
import {
  ownerText,
  sentenceOf,
  silencedText,
  troubleOf,
  type ScannedImage,
  type ScanReport,
  type Trouble,
  type UnreadFile,
} from '../finding/scanned-image.ts'

type Told = Exclude<Trouble, 'none'>

interface Message {
  readonly row: ScannedImage
  readonly trouble: Told
  readonly text: string
}

function messagesOf(rows: readonly ScannedImage[]): readonly Message[] {
  return rows.flatMap(row => {
    const trouble = troubleOf(row)
    if (trouble === 'none' || row.silenced !== undefined) return []
    return [{ row, trouble, text: `${sentenceOf(row)} (${ownerText(row.found)})` }]
  })
}

const commands = { outdated: 'warning', missing: 'error', unknown: 'notice' } as const satisfies Record<
  Told,
  string
>

/** Workflow commands of GitHub Actions, which shows them beside the lines of a pull request. */
export function githubText({ rows, unread }: ScanReport): string {
  const lines = [
    ...messagesOf(rows).map(({ row, trouble, text }) => githubLine(commands[trouble], placeOf(row), text)),
    ...unread.map(({ file, position, message }) =>
      githubLine(
        'error',
        { file, ...(position && { line: position.line, col: position.column }), title: 'patchline' },
        message,
      ),
    ),
  ]
  return lines.join('')
}

function placeOf(row: ScannedImage) {
  const { file, line, column: col } = sourcePlace(row)
  return { file, line, col, title: 'patchline' }
}

function githubLine(
  command: string,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const written = Object.entries(properties).map(([key, value]) => `${key}=${propertyText(String(value))}`)
  return `::${command} ${written.join(',')}::${dataText(message)}\n`
}

// As actions/toolkit writes them (packages/core/src/command.ts).
function dataText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function propertyText(text: string): string {
  return dataText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

const severities = { outdated: 'minor', missing: 'major', unknown: 'info' } as const satisfies Record<
  Told,
  string
>
const checks = { outdated: 'outdated-image', missing: 'missing-tag', unknown: 'unchecked-image' } as const

/** A report of GitLab's code quality. */
export function gitlabText({ rows, unread }: ScanReport): string {
  const issues = [
    ...messagesOf(rows).map(({ row, trouble, text }) => ({
      description: text,
      check_name: checks[trouble],
      fingerprint: row.fingerprint,
      severity: severities[trouble],
      location: { path: sourcePlace(row).file, lines: { begin: sourcePlace(row).line } },
    })),
    ...unread.map(({ file, position, message }) => ({
      description: message,
      check_name: 'unread-file',
      fingerprint: `unread ${file} ${position?.line ?? 0}`,
      severity: 'major',
      location: { path: file, lines: { begin: position?.line ?? 1 } },
    })),
  ]
  return `${JSON.stringify(issues, undefined, 2)}\n`
}

/** JUnit XML as Jenkins and GitLab read it: a suite for each file, a case for each image. What is silenced is skipped. */
export function junitText({ rows, unread }: ScanReport): string {
  const cases = Map.groupBy(
    [
      ...rows.map(row => ({ file: row.file, case: caseOf(row) })),
      ...unread.map(one => ({ file: one.file, case: unreadCase(one) })),
    ],
    ({ file }) => file,
  )
  const suites = [...cases].map(([file, of]) =>
    suiteOf(
      file,
      of.map(one => one.case),
    ),
  )
  const all = suites.map(({ text }) => text).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="patchline scan">\n${all}</testsuites>\n`
}

interface Case {
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped'
  readonly text: string
}

function suiteOf(file: string, cases: readonly Case[]): { readonly text: string } {
  const count = (wanted: Case['outcome']): number => cases.filter(({ outcome }) => outcome === wanted).length
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
  const body = cases.map(({ text }) => text).join('')
  return { text: `  <testsuite name="${xml(file)}" ${counts}>\n${body}  </testsuite>\n` }
}

function caseOf(row: ScannedImage): Case {
  const { file, position, found, silenced } = row
  const name = `${ownerText(found)}: ${found.image}`
  const head = `    <testcase classname="${xml(file)}" name="${xml(name)}" file="${xml(file)}" line="${position.line}"`
  const trouble = troubleOf(row)
  if (trouble === 'none') return { outcome: 'passed', text: `${head}/>\n` }
  if (silenced !== undefined)
    return {
      outcome: 'skipped',
      text: `${head}><skipped message="${xml(silencedText(silenced))}"/></testcase>\n`,
    }
  const element = trouble === 'unknown' ? 'error' : 'failure'
  const place = `${file}:${position.line}:${position.column}`
  const text = `${head}><${element} type="${trouble}" message="${xml(sentenceOf(row))}">${xml(place)}</${element}></testcase>\n`
  return { outcome: element, text }
}

function unreadCase({ file, position, message }: UnreadFile): Case {
  const name = position === undefined ? file : `${file}:${position.line}`
  const text = `    <testcase classname="${xml(file)}" name="${xml(name)}"><error type="unreadable" message="${xml(message)}"/></testcase>\n`
  return { outcome: 'error', text }
}

// XML 1.0 has no escape for most control characters.
function xml(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return printable(text).replaceAll(/[&<>"]/g, character => escapes[character] ?? '')
}
