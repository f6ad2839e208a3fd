/** The tags of a repository side by side in one piece of memory: no object, and no string, for each. */
export interface TagList {
  readonly length: number
  /** The tags one after another, in ASCII: no other character is legal in a tag. */
  readonly bytes: Uint8Array
  /** Where each tag starts in `bytes`, and where the last one ends. */
  readonly starts: Uint32Array
}

/** The list of some texts; characters that are none of ASCII become `?`, which no tag may hold. */
export function tagListOf(tags: readonly string[]): TagList {
  const starts = new Uint32Array(tags.length + 1)
  for (const [at, tag] of tags.entries()) starts[at + 1] = (starts[at] ?? 0) + tag.length
  const bytes = new Uint8Array(starts[tags.length] ?? 0)
  for (const [at, tag] of tags.entries()) write(bytes, starts[at] ?? 0, tag)
  return { length: tags.length, bytes, starts }
}

/** The tag at a place of the list; empty beyond its end. */
export function tagAt({ bytes, starts }: TagList, at: number): string {
  let text = ''
  const end = starts[at + 1] ?? 0
  for (let place = starts[at] ?? 0; place < end; place++) text += String.fromCharCode(bytes[place] ?? 0)
  return text
}

/** Every tag of the list as a text of its own, for who needs them all. */
export function textsOf(list: TagList): readonly string[] {
  return Array.from({ length: list.length }, (_, at) => tagAt(list, at))
}

const questionMark = 63

function write(bytes: Uint8Array, start: number, tag: string): void {
  for (let at = 0; at < tag.length; at++) {
    const code = tag.charCodeAt(at)
    bytes[start + at] = code < 128 ? code : questionMark
  }
}
