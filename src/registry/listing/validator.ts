import { createHash } from 'node:crypto'

import { itemsOf, jsonIn } from '../../json/index.ts'
import type { TagList } from '../../version/index.ts'

/** The validator of a listing: an equal one the next time means that nothing changed. */
export interface Validator {
  /** The hash of the tags. */
  readonly content: string
  /** The number of pages. */
  readonly pages: number
  /** The ETag, if the list had a single page. */
  readonly etag: string | undefined
  /** The slice that was listed, and a tag shortly before it. */
  readonly slice: string | undefined
  readonly after: string | undefined
}

// Distinguishes it from the validators of other listers.
const prefix = 'oci-1 '

/** The validator as the text that the catalog keeps. */
export function writeValidator({ content, pages, etag, slice, after }: Validator): string {
  return `${prefix}${JSON.stringify([content, pages, etag ?? null, slice ?? null, after ?? null])}`
}

/** The validator that a text was made of; undefined for any other text. */
export function readValidator(text: string | undefined): Validator | undefined {
  if (text === undefined || !text.startsWith(prefix)) return undefined
  const [content, pages, etag, slice, after] = itemsOf(jsonIn(text.slice(prefix.length)))
  if (typeof content !== 'string' || typeof pages !== 'number') return undefined
  return { content, pages, etag: etagOf(textOf(etag)), slice: textOf(slice), after: textOf(after) }
}

/** An entity tag that may be sent back as it is (RFC 9110, 8.8.3); undefined for anything else, and for a very long one. */
export function etagOf(header: string | undefined): string | undefined {
  return header !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{1,200}"$/.test(header) ? header : undefined
}

/** A hash of some of a list's tags, in their order. */
export function contentOf({ bytes, starts }: TagList, first: number, end: number): string {
  const [from, to] = [starts[first] ?? 0, starts[end] ?? 0]
  const lengths = starts.subarray(first, end + 1).map(start => start - from)
  return createHash('sha256').update(lengths).update(bytes.subarray(from, to)).digest('base64url')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
