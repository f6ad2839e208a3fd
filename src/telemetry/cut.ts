import { shorten } from '../text/index.ts'

/** An image text may be as long as an object; beyond this nobody reads it. */
const longestShown = 301

/** The value; a text at most 300 characters long. */
export function cut(value: unknown): unknown {
  return typeof value === 'string' ? shorten(value, longestShown) : value
}
