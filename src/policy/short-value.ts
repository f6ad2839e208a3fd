import { shorten } from '../text/index.ts'

/** The beginning of a label's or annotation's value, which may be any text: enough to find the slip. */
export function shortValue(value: string): string {
  return shorten(value, longestShown)
}

const longestShown = 21
