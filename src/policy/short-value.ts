/** The beginning of a label's or annotation's value, which may be any text: enough to find the slip. */
export function shortValue(value: string): string {
  return value.length > longestShown ? `${value.slice(0, longestShown)}…` : value
}

const longestShown = 20
