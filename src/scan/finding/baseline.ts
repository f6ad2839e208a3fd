import { isJsonObject, itemsOf, jsonIn, member, textOf } from '../../json/index.ts'
import { troubleOf, type ScannedImage, type Trouble } from './scanned-image.ts'

/** A row that was known when a baseline was written. */
interface KnownRow {
  readonly fingerprint: string
  readonly image: string
  readonly trouble: Trouble
}

/** The known rows of a baseline by their fingerprints. */
export type Baseline = ReadonlyMap<string, KnownRow>

const kind = 'patchline-baseline'
const version = 1

/** The baseline of some rows as a file: sorted, a row a line, so that its changes can be read. */
export function writeBaseline(rows: readonly ScannedImage[]): string {
  const known = rows.filter(row => troubleOf(row) !== 'none' && row.silenced?.by !== 'ignore')
  const lines = known.map(row => {
    const { fingerprint, file, found } = row
    return JSON.stringify({
      fingerprint,
      image: found.image,
      trouble: troubleOf(row),
      file,
      owner: found.owner,
    })
  })
  return `{"kind":"${kind}","version":${version},"rows":[\n${lines.join(',\n')}\n]}\n`
}

/** Reads a baseline; a text says what is wrong with it. */
export function readBaseline(text: string): Baseline | string {
  const read = jsonIn(text)
  if (!isJsonObject(read) || read['kind'] !== kind) return 'it is no baseline of patchline scan'
  if (read['version'] !== version)
    return `it is a baseline of another version; write it again with --write-baseline`
  return new Map(
    itemsOf(read['rows']).flatMap(row => {
      const fingerprint = textOf(member(row, 'fingerprint'))
      const trouble = troubles.find(one => one === member(row, 'trouble'))
      return trouble === undefined
        ? []
        : [[fingerprint, { fingerprint, image: textOf(member(row, 'image')), trouble }]]
    }),
  )
}

const troubles = ['outdated', 'missing', 'unknown'] as const

/**
 * The rows with what the baseline knows of them. A row is known as long as its image stays the same and has the same trouble:
 * one that is even further behind is no new drift, but one that was changed to another outdated tag is.
 */
export function applyBaseline(
  rows: readonly ScannedImage[],
  baseline: Baseline,
): { readonly rows: readonly ScannedImage[]; readonly notes: readonly string[] } {
  const used = new Set<string>()
  const applied = rows.map(row => {
    const known = baseline.get(row.fingerprint)
    if (known === undefined || known.image !== row.found.image || known.trouble !== troubleOf(row)) return row
    used.add(known.fingerprint)
    return row.silenced === undefined
      ? { ...row, silenced: { by: 'baseline' as const, until: undefined, because: '' } }
      : row
  })
  const gone = baseline.size - used.size
  const entries = gone === 1 ? '1 row of the baseline is' : `${gone} rows of the baseline are`
  const notes = gone === 0 ? [] : [`${entries} no longer found: --write-baseline writes it without`]
  return { rows: applied, notes }
}
