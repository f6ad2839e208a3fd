// A comparison of two texts takes up to a microsecond: half a millisecond of work between two turns.
const sliceSteps = 500

/** A sorted copy; it yields so often that other work gets its turn, however many values there are. Stable. */
export function* sortInSlices(
  values: Uint32Array,
  compare: (a: number, b: number) => number,
): Generator<undefined, Uint32Array> {
  let sorted: Uint32Array = values.slice()
  for (let width = 1; width < values.length; width *= 2) sorted = yield* mergePairs(sorted, width, compare)
  return sorted
}

// Runs of `width` values are sorted: of each two of them one is made.
function* mergePairs(
  values: Uint32Array,
  width: number,
  compare: (a: number, b: number) => number,
): Generator<undefined, Uint32Array> {
  const merged = new Uint32Array(values.length)
  let left = 0
  let right = 0
  let ends = { left: 0, right: 0 }
  for (let at = 0; at < values.length; at++) {
    if (at % sliceSteps === sliceSteps - 1) yield
    if (at === ends.right) {
      ends = { left: Math.min(at + width, values.length), right: Math.min(at + 2 * width, values.length) }
      left = at
      right = ends.left
    }
    const takesRight =
      left === ends.left || (right < ends.right && compare(valueAt(values, right), valueAt(values, left)) < 0)
    merged[at] = valueAt(values, takesRight ? right++ : left++)
  }
  return merged
}

function valueAt(values: Uint32Array, at: number): number {
  return values[at] ?? 0
}
