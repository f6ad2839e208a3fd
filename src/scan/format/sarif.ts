import { printable } from '../../text/index.ts'
import {
  ownerText,
  sentenceOf,
  troubleOf,
  type ScannedImage,
  type ScanReport,
  type Trouble,
  type UnreadFile,
} from '../finding/scanned-image.ts'
import { sourcePlace, templateText } from './scan-item.ts'

/** GitHub refuses a run with more results (docs.github.com: SARIF support for code scanning). */
export const mostResults = 25_000

type Told = Exclude<Trouble, 'none'>

// Their ids never change: with another id, each alert would be closed and opened again.
const rules: Readonly<Record<Told, Rule>> = {
  outdated: {
    id: 'outdated-image',
    name: 'OutdatedImage',
    level: 'warning',
    short: 'A newer tag of the image exists',
    full: 'The registry has a newer tag in the line of the image that the file names.',
    help: 'Take the newer tag that the message names. `patchline scan --fix` writes it into the file.',
  },
  missing: {
    id: 'missing-tag',
    name: 'MissingTag',
    level: 'error',
    short: 'The tag of the image does not exist',
    full: 'The registry neither lists the tag nor has it, so that the image cannot be pulled.',
    help: 'Check the spelling of the tag. A tag that was deleted cannot be pulled again.',
  },
  unknown: {
    id: 'unchecked-image',
    name: 'UncheckedImage',
    level: 'note',
    short: 'The image could not be checked',
    full: 'The registry did not say which tags the repository has, or the text is no reference.',
    help: 'The message says why, and what to do about it.',
  },
}

interface Rule {
  readonly id: string
  readonly name: string
  readonly level: 'error' | 'warning' | 'note'
  readonly short: string
  readonly full: string
  readonly help: string
}

/**
 * SARIF 2.1.0 with one run, as GitHub's code scanning reads it. What is silenced is no result; where nothing is the matter, the
 * results are an empty list.
 */
export function sarifText({ rows, unread }: ScanReport, version: string): string {
  const told = rows.filter(row => row.silenced === undefined).flatMap(resultOf)
  const run = {
    tool: { driver: { name: 'patchline', version, rules: Object.values(rules).map(descriptorOf) } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [base]: { description: { text: 'The root of the repository' } } },
    invocations: [
      { executionSuccessful: unread.length === 0, toolExecutionNotifications: unread.map(notificationOf) },
    ],
    results: told.slice(0, mostResults),
  }
  return `${JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, undefined, 2)}\n`
}

const schema = 'https://json.schemastore.org/sarif-2.1.0.json'
const base = '%SRCROOT%'

function descriptorOf({ id, name, level, short, full, help }: Rule): object {
  return {
    id,
    name,
    shortDescription: { text: short },
    fullDescription: { text: full },
    help: { text: help, markdown: help },
    defaultConfiguration: { level },
    properties: { tags: ['container-image', 'maintenance'] },
  }
}

function resultOf(row: ScannedImage): readonly object[] {
  const trouble = troubleOf(row)
  if (trouble === 'none') return []
  const { id, level } = rules[trouble]
  const { found, fingerprint } = row
  const template = templateText(row)
  const where = [ownerText(found), ...(template === undefined ? [] : [`used by ${template}`])].join(', ')
  return [
    {
      ruleId: id,
      ruleIndex: Object.keys(rules).indexOf(trouble),
      level,
      message: { text: plainMessage(`${sentenceOf(row)} (${where})`) },
      locations: [{ physicalLocation: locationOf(row) }],
      // GitHub compares by this one, and computes it from the text of the line where it is missing: that changes with each tag.
      partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'patchlineImage/v1': fingerprint },
    },
  ]
}

// In brackets, a message would have a link.
function plainMessage(text: string): string {
  return printable(text).replaceAll(/[\\[\]]/g, '\\$&')
}

function locationOf(row: ScannedImage): object {
  const { file, line, column } = sourcePlace(row)
  const isExact = file === row.file && line === row.position.line
  const length = isExact ? { endLine: row.end.line, endColumn: row.end.column } : {}
  return { artifactLocation: artifactOf(file), region: { startLine: line, startColumn: column, ...length } }
}

function notificationOf({ file, position, message }: UnreadFile): object {
  const region =
    position === undefined ? {} : { region: { startLine: position.line, startColumn: position.column } }
  return {
    level: 'error',
    message: { text: plainMessage(message) },
    locations: [{ physicalLocation: { artifactLocation: artifactOf(file), ...region } }],
  }
}

function artifactOf(file: string): object {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: base }
}
