/** A text with its middle left out where it is wider than there is room. */
export function withoutMiddle(text: string, width: number): string {
  if (text.length <= width) return text
  const kept = Math.max(0, width - gap.length)
  const tail = Math.ceil(kept / 2)
  return `${text.slice(0, kept - tail)}${gap}${text.slice(text.length - tail)}`
}

/**
 * An image reference that is wider than there is room: first its digest is cut to the twelve digits that are usual, then the
 * middle of the repository's path is left out. The host of the registry, the last part of the path and the tag always stay,
 * so the text may still be wider.
 */
export function shortenImage(image: string, width: number): string {
  if (image.length <= width) return image
  const short = image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, `$1${gap}`)
  if (short.length <= width) return short
  const parts = short.split('/')
  const [first = '', ...rest] = parts
  const last = rest.at(-1)
  // Without a slash there is nothing but the name and the tag; with one, there may be no path between host and name.
  if (last === undefined) return short
  if (!/[.:]|^localhost$/.test(first)) return `${gap}/${last}`
  return rest.length === 1 ? short : `${first}/${gap}/${last}`
}

// Everything else that is printed of a cluster is ASCII too: nothing of it can move a cursor.
const gap = '...'
