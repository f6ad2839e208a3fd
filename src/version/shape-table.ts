import { firstPlace, type Numbers, type Range } from './groups.ts'
import { baseKey, compareTexts, compareVariants, familyKey, type Shape } from './shapes.ts'
import { textAt, type Texts } from './texts.ts'

/** The shapes of one repository in the order of {@link compareShapes}, without an object for each. */
export interface ShapeTable {
  readonly count: number
  /** From the place `from` on the prefix, the variant and the kinds of revision of each shape. */
  readonly texts: Texts
  readonly from: number
  /** For each shape the number of its family: see {@link familyKey}. */
  readonly families: Numbers
  /** A shape of each family, in the order of the families' keys. */
  readonly byFamily: Numbers
  /** The same for {@link baseKey}. */
  readonly bases: Numbers
  readonly byBase: Numbers
}

/** How many texts a shape has. */
export const textsOfAShape = 3

/** The shape of a number. */
export function shapeAt(table: ShapeTable, id: number): Shape {
  return {
    prefix: prefixAt(table, id),
    variant: variantAt(table, id),
    revisionKinds: revisionKindsAt(table, id),
  }
}

function prefixAt({ texts, from }: ShapeTable, id: number): string {
  return textAt(texts, from + id * textsOfAShape)
}

function revisionKindsAt({ texts, from }: ShapeTable, id: number): string {
  return textAt(texts, from + id * textsOfAShape + 2)
}

/** The variant of a shape. */
export function variantAt({ texts, from }: ShapeTable, id: number): string {
  return textAt(texts, from + id * textsOfAShape + 1)
}

/** The number of a shape; undefined where the repository has no such tag. */
export function findShape(table: ShapeTable, shape: Shape): number | undefined {
  const all = { start: 0, end: table.count }
  const id = firstPlace(all, at => compareTo(table, at, shape) >= 0)
  return id < table.count && compareTo(table, id, shape) === 0 ? id : undefined
}

// Reads no more of the shape than it takes to tell.
function compareTo(table: ShapeTable, id: number, shape: Shape): number {
  return (
    compareTexts(prefixAt(table, id), shape.prefix) ||
    compareVariants(variantAt(table, id), shape.variant) ||
    compareTexts(revisionKindsAt(table, id), shape.revisionKinds)
  )
}

/** The number of the family that a shape would be in. */
export function findFamily(table: ShapeTable, shape: Shape): number | undefined {
  const found = findByKey(table, table.byFamily, { keyOf: familyKey, shape })
  return found === undefined ? undefined : table.families[found]
}

/** The number of the base that a shape would be in. */
export function findBase(table: ShapeTable, shape: Shape): number | undefined {
  const found = findByKey(table, table.byBase, { keyOf: baseKey, shape })
  return found === undefined ? undefined : table.bases[found]
}

function findByKey(
  table: ShapeTable,
  byKey: Numbers,
  { keyOf, shape }: { readonly keyOf: (shape: Shape) => string; readonly shape: Shape },
): number | undefined {
  const key = keyOf(shape)
  const keyAt = (at: number): string => keyOf(shapeAt(table, byKey[at] ?? 0))
  const at = firstPlace({ start: 0, end: byKey.length }, place => keyAt(place) >= key)
  return at < byKey.length && keyAt(at) === key ? byKey[at] : undefined
}

/** The numbers of the shapes with a prefix, which stand together; with a variant, of those that have it too. */
export function shapesWith(table: ShapeTable, prefix: string, variant?: string): Range {
  const compare = (id: number): number =>
    compareTexts(prefixAt(table, id), prefix) ||
    (variant === undefined ? 0 : compareVariants(variantAt(table, id), variant))
  const all = { start: 0, end: table.count }
  return { start: firstPlace(all, id => compare(id) >= 0), end: firstPlace(all, id => compare(id) > 0) }
}
