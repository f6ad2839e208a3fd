import { baseKey, compareShapes, familyKey, type Shape } from './shapes.ts'
import { sortInSlices } from './sort-in-slices.ts'
import { compareTexts } from './shapes.ts'
import { identity } from './order.ts'

/** The shapes of an index in their order, with the wider groups that each is in. */
export interface RankedShapes {
  readonly all: readonly Shape[]
  /** For each shape as it was met its number in the index. */
  readonly ranks: Uint32Array
  readonly families: Partition
  readonly bases: Partition
}

/** A division of the shapes into numbered parts. */
export interface Partition {
  readonly count: number
  /** The part of each shape. */
  readonly parts: Uint32Array
  /** A shape of each part, in the order of the parts' keys. */
  readonly byKey: Uint32Array
}

/** Puts shapes in order. It yields often: a repository may have as many shapes as tags. */
export function* rankShapes(met: readonly Shape[]): Generator<undefined, RankedShapes> {
  const order = yield* sortInSlices(identity(met.length), (a, b) => {
    const [one, two] = [met[a], met[b]]
    return one === undefined || two === undefined ? 0 : compareShapes(one, two)
  })
  const all: Shape[] = []
  const ranks = new Uint32Array(met.length)
  for (const id of order) {
    const shape = met[id]
    if (shape !== undefined) ranks[id] = all.push(shape) - 1
  }
  yield
  return { all, ranks, families: yield* partition(all, familyKey), bases: yield* partition(all, baseKey) }
}

const sliceShapes = 500

function* partition(
  shapes: readonly Shape[],
  keyOf: (shape: Shape) => string,
): Generator<undefined, Partition> {
  const numbers = new Map<string, number>()
  const parts = new Uint32Array(shapes.length)
  const keys: string[] = []
  const firsts: number[] = []
  for (const [id, shape] of shapes.entries()) {
    if (id % sliceShapes === sliceShapes - 1) yield
    const key = keyOf(shape)
    const known = numbers.get(key)
    parts[id] = known ?? numbers.size
    if (known !== undefined) continue
    numbers.set(key, numbers.size)
    keys.push(key)
    firsts.push(id)
  }
  const order = yield* sortInSlices(identity(keys.length), (a, b) =>
    compareTexts(keys[a] ?? '', keys[b] ?? ''),
  )
  return { count: keys.length, parts, byKey: order.map(part => firsts[part] ?? 0) }
}
