import { impliedTag, registryPage } from '../../image/index.ts'
import { silencedText, type ScannedImage } from '../finding/scanned-image.ts'

/** A row as scripts read it; what does not apply is null. */
export interface ScanItem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly owner: string
  readonly part: string
  readonly image: string
  readonly registry: string | null
  readonly repository: string | null
  readonly current: string | null
  readonly verdict: ScannedImage['evaluation']['verdict'] | 'exempt'
  readonly newest: string | null
  readonly newestDigest: string | null
  readonly behind: number
  readonly counted: string
  readonly reason: string
  readonly detail: string | null
  readonly elsewhere: string | null
  /** The line of versions that was looked at: `1.25`. */
  readonly versions: string | null
  readonly mode: string
  readonly strategy: string
  readonly policy: string | null
  readonly silenced: string | null
  readonly template: string | null
  readonly page: string | null
  readonly fingerprint: string
}

/** A row as it is written by JSON and CSV. */
export function scanItemOf(row: ScannedImage): ScanItem {
  const { file, position, found, evaluation, rules, silenced, fingerprint } = row
  const { owner, part, image } = found
  const { reference, behind, counted, reason } = evaluation
  return {
    file,
    ...position,
    owner,
    part,
    image,
    ...placeOf(reference),
    verdict: row.exempt ? 'exempt' : evaluation.verdict,
    newest: orNull(evaluation.newest),
    newestDigest: orNull(evaluation.newestDigest),
    behind,
    counted,
    reason,
    detail: orNull(evaluation.detail),
    elsewhere: orNull(evaluation.elsewhere),
    versions: orNull(evaluation.line),
    mode: rules.mode,
    strategy: rules.strategy,
    policy: orNull(rules.policy?.name),
    silenced: silenced === undefined ? null : silencedText(silenced),
    template: orNull(templateText(row)),
    page: orNull(reference && registryPage(reference, evaluation.newest)),
    fingerprint,
  }
}

function placeOf(
  reference: ScannedImage['evaluation']['reference'],
): Pick<ScanItem, 'registry' | 'repository' | 'current'> {
  if (reference === undefined) return { registry: null, repository: null, current: null }
  const { registry, repository } = reference
  return { registry, repository, current: orNull(impliedTag(reference)) }
}

/** The place of the template that uses a value: `chart/templates/web.yaml:12`. */
export function templateText({ template }: Pick<ScannedImage, 'template'>): string | undefined {
  if (template === undefined) return undefined
  return template.line === undefined ? template.file : `${template.file}:${template.line}`
}

function orNull(text: string | undefined): string | null {
  return text ?? null
}

/** Where a row is shown beside source code: what came through a pipe has no file but the template that it was made of. */
export function sourcePlace(row: ScannedImage): {
  readonly file: string
  readonly line: number
  readonly column: number
} {
  const { file, position, template } = row
  if (file !== standardInput || template === undefined) return { file, ...position }
  return { file: template.file, line: template.line ?? 1, column: 1 }
}

/** The name of what comes through a pipe. */
export const standardInput = 'stdin'
