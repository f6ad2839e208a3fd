import type { Evaluation, Waiting } from '../../evaluation/index.ts'
import type { Teaching } from '../../version/index.ts'
import { isNearer, reasons, rejections, type WhyNotChosen } from './reasons.ts'
import { sameAdvice } from './advice.ts'
import { supportJson, type SupportFacts } from './support.ts'
import type { ScreenOptions } from '../terminal/terminal.ts'
import { shortenImage, printTable, type Column } from '../terminal/table.ts'
import { behindLegend, behindText, verdictStyle, worstFirst } from './verdicts.ts'

/** A tag with the reason for which it was not chosen. */
export interface NotChosen {
  readonly tag: string
  readonly reason: WhyNotChosen
}

/** One checked reference. */
export interface Checked {
  readonly evaluation: Evaluation
  /** The tag that the reference stands for, `latest` where it has neither tag nor digest. */
  readonly tag: string | undefined
  /** Why each other tag was not chosen, where that was asked for and the tags were had. */
  readonly rejected: readonly NotChosen[] | undefined
  /** What the tags of the repository teach about this one, likewise. */
  readonly taught: Teaching | undefined
  /** The policy of the configuration that says what is offered. */
  readonly policy: string | undefined
  /** What tables of support dates say of it; undefined where it has no tag. */
  readonly support: SupportFacts | undefined
}

/** The output formats of `check`. */
export const checkFormats = ['table', 'wide', 'json'] as const
export type CheckFormat = (typeof checkFormats)[number]

/** Prints checked references, ended by a line break. Tables show the worst first, JSON keeps the order of the references. */
export function printChecked(
  checked: readonly Checked[],
  format: CheckFormat,
  screen: ScreenOptions,
): string {
  switch (format) {
    case 'json':
      return checked.map(one => `${JSON.stringify(jsonOf(one))}\n`).join('')
    case 'table':
    case 'wide':
      return tableOf(checked, format, screen)
  }
}

// One object a line; what does not apply is absent. `image` and `current` are what the audit calls `reference` and `tag`.
function jsonOf({ evaluation, tag, rejected, taught, policy, support }: Checked): Record<string, unknown> {
  const { image, verdict, newest, elsewhere, behind, reason, line, detail } = evaluation
  const waiting = evaluation.waiting && { ...evaluation.waiting, until: dateOf(evaluation.waiting) }
  const counted = behind === 0 ? undefined : evaluation.counted
  const names = { reference: image, tag, image, current: tag }
  const found = { policy, verdict, newest, elsewhere, behind, counted, reason, line, detail, waiting }
  return { ...names, ...found, support: support?.line && supportJson(support.line), rejected, taught }
}

const columnsOf = (format: 'table' | 'wide'): readonly Column<Evaluation>[] => [
  { heading: 'VERDICT', cell: ({ verdict }) => verdict, style: verdictStyle },
  { heading: 'IMAGE', cell: ({ image }) => printable(image), most: 1 / 2, shorten: shortenImage },
  { heading: 'NEWEST', cell: ({ newest }) => newest ?? '-', most: 1 / 4 },
  { heading: 'BEHIND', cell: evaluation => behindText(evaluation, format) },
  { heading: 'WHY', cell: evaluation => printable(whyOf(evaluation)) },
]

function tableOf(checked: readonly Checked[], format: 'table' | 'wide', screen: ScreenOptions): string {
  const evaluations = worstFirst(checked.map(({ evaluation }) => evaluation))
  const details = sameAdvice(evaluations.filter(({ detail }) => detail !== undefined)).map(printable)
  const remarks = [...details, ...checked.flatMap(supportLines), ...behindLegend(evaluations, format)]
  const below = remarks.length === 0 ? [] : ['', ...remarks]
  const lines = [...below, ...checked.flatMap(one => rejectedLines(one, screen))]
  return [printTable(columnsOf(format), evaluations, screen), ...lines.map(line => `${line}\n`)].join('')
}

function whyOf({ reason, elsewhere, line, waiting }: Evaluation): string {
  if (reason === 'waiting' && waiting !== undefined)
    return `${reason}: ${waiting.tag} until ${dateOf(waiting)}`
  const goesOn = elsewhere === undefined ? '' : `the line goes on as ${elsewhere}`
  if (reason === 'not-listed')
    return `${reason}: ${['there is no such tag', goesOn].filter(Boolean).join('; ')}`
  if (goesOn !== '') return `${reason}: ${goesOn}`
  return line === undefined ? reason : `${reason} in line ${line}`
}

function supportLines({ evaluation, policy, support }: Checked): readonly string[] {
  const decides = policy === undefined ? [] : [`policy ${policy} says what is offered`]
  return [...decides, ...(support?.sentences ?? [])].map(sentence =>
    printable(`${evaluation.image}: ${sentence}`),
  )
}

function dateOf({ until }: Waiting): string {
  return new Date(until).toISOString()
}

function rejectedLines(
  { evaluation, rejected, taught }: Checked,
  { width }: ScreenOptions,
): readonly string[] {
  if (rejected === undefined) return []
  const others = rejected.filter(({ reason }) => reason !== 'itself')
  const groups = Map.groupBy(others, ({ reason }) => reason)
  const { image, reason: why } = evaluation
  const count = `${others.length} other ${others.length === 1 ? 'tag was' : 'tags were'} not chosen`
  return [
    '',
    `${printable(image)}: ${why}: ${reasons[why]}; ${count}`,
    ...(taught === undefined ? [] : teachingLines(taught)),
    ...[...groups]
      .toSorted(([one], [other]) => isNearer(one, other))
      .flatMap(([reason, of]) => groupLines(reason, of, width)),
  ]
}

// Some repositories have hundreds of thousands of tags; a screen of these for each reason is more than is read.
const mostOfReason = 500

function groupLines(reason: WhyNotChosen, of: readonly NotChosen[], width: number): readonly string[] {
  const lines: string[] = []
  let line = '   '
  for (const { tag } of of.slice(0, mostOfReason)) {
    const text = printable(tag)
    if (line.length + 1 + text.length > width && line.trim() !== '') {
      lines.push(line)
      line = '   '
    }
    line += ` ${text}`
  }
  const left = of.length - mostOfReason
  const more =
    left <= 0 ? [] : [`    and ${left} more: -o json has all, and patchline grammar what they teach`]
  return [`  ${reason}: ${rejections[reason]}`, ...lines, line, ...more]
}

// Text of a registry or a manifest must not control the terminal (and a tag may be any text until it is checked).
function printable(text: string): string {
  return text.replace(/[\p{C}]/gu, '\u{FFFD}')
}

/** Prints what the tags of a repository teach, one indented line each: `-18, -20, -22: a choice, for …`. */
export function teachingLines({ places, remarks }: Teaching): readonly string[] {
  return [
    ...places.map(({ examples, role, because, place, tags }) => {
      const shown = examples.map(example => example.replace(/^[-_.]/, '')).join(', ')
      return `  ${place}: ${shown} (${tags === 1 ? '1 tag' : `${tags} tags`}): ${roles[role]}: ${because}`
    }),
    ...remarks.map(remark => `  ${remark}`),
  ]
}

const roles = {
  choice: 'a choice, must be equal',
  undecided: 'undecided: must be equal',
  revision: 'a revision, the highest is newest',
  decoration: 'never compared',
} as const
