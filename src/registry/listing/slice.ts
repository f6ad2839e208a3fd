import { isTag } from '../../image/index.ts'

const mostAnchors = 3

/**
 * What to ask for as `last` so that the answer begins before the slice: texts below it, the nearest first.
 *
 * The greatest text below (`1.24zzz…` for `1.25`) would give the slice and nothing else, and is of no use: registries differ
 * in what they do with a `last` that they do not have. Some go on behind where it would be, as the specification has it, some
 * leave one tag out, some answer an error or nothing at all; and an answer that begins with the slice does not tell which. One
 * that begins with tags *before* the slice, in ascending order and behind `last`, holds the slice whole in every case. So the
 * line before is asked for too: a few dozen tags, on the same page. `known` is such a tag of the last listing.
 */
export function anchorsBefore(slice: string, known: string | undefined): readonly string[] {
  const anchors = known !== undefined && known < slice && isTag(known) ? [known] : []
  for (let text = slice; text !== '' && anchors.length < mostAnchors;) {
    const digit = Number(/[1-9]$/.exec(text)?.[0] ?? 0)
    if (digit > 0) anchors.push(`${text.slice(0, -1)}${digit - 1}`)
    text = text.slice(0, -1).replace(/[._-]+$/, '')
    if (text !== '') anchors.push(text)
  }
  return anchors.slice(0, mostAnchors)
}

/** Whether a text can be how tags begin. */
export function isSlice(text: string | undefined): text is string {
  return text !== undefined && isTag(text)
}
