import { isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'

type Scalars = Map<string | number, Scalar>

/**
 * Reads the nodes of one document to values, and remembers the scalars of each. A mapping that several aliases name is one object,
 * so that a document of a few hundred bytes cannot stand for billions of them.
 */
export class YamlReader {
  readonly #scalars = new WeakMap<object, Scalars>()
  readonly #anchors = new Map<string, unknown>()

  /** The value of a node, in the order of the text: an alias is what its anchor was last. */
  read(node: unknown): unknown {
    if (isAlias(node)) return this.#valueOf(this.#anchors.get(node.source))
    if (isMap(node)) return this.#readMap(node)
    if (isSeq(node)) return this.#readList(node)
    if (!isScalar(node)) return undefined
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    return node.value
  }

  /** The scalar that a mapping has under a key, or a list at an index. */
  scalarOf(part: object, key: string | number): Scalar | undefined {
    return this.#scalars.get(part)?.get(key)
  }

  #valueOf(anchored: unknown): unknown {
    return isScalar(anchored) ? anchored.value : anchored
  }

  // Before the content is read, for an alias may name the mapping that it is in.
  #begin(value: object, anchor: string | undefined): Scalars {
    const scalars: Scalars = new Map()
    this.#scalars.set(value, scalars)
    if (anchor !== undefined) this.#anchors.set(anchor, value)
    return scalars
  }

  #note(scalars: Scalars, key: string | number, node: unknown): void {
    const target = isAlias(node) ? this.#anchors.get(node.source) : node
    if (isScalar(target)) scalars.set(key, target)
    else scalars.delete(key) // of a repeated key the last value counts
  }

  #readList(node: YAMLSeq): readonly unknown[] {
    const list: unknown[] = []
    const scalars = this.#begin(list, node.anchor)
    for (const [index, item] of node.items.entries()) {
      list.push(this.read(item))
      this.#note(scalars, index, item)
    }
    return list
  }

  #readMap(node: YAMLMap): object {
    const mapping: Record<string, unknown> = Object.create(null)
    const scalars = this.#begin(mapping, node.anchor)
    const merged: unknown[] = []
    for (const { key: keyNode, value } of node.items) {
      const key = keyOf(this.read(keyNode))
      if (key === '<<') merged.push(this.read(value))
      else if (key !== undefined) {
        mapping[key] = this.read(value)
        this.#note(scalars, key, value)
      }
    }
    for (const from of merged.flat()) Object.assign(mapping, this.#missingIn(mapping, from))
    return mapping
  }

  // What a mapping has itself is stronger than what it merges (`<<`), and of several merged ones the first.
  #missingIn(mapping: object, from: unknown): object {
    if (typeof from !== 'object' || from === null) return {}
    const missing = Object.entries(from).filter(([key]) => !Object.hasOwn(mapping, key))
    const scalars = this.#scalars.get(mapping)
    for (const [key] of missing) {
      const scalar = this.scalarOf(from, key)
      if (scalar !== undefined) scalars?.set(key, scalar)
    }
    return Object.fromEntries(missing)
  }
}

// A mapping or a list as a key is nothing that any of these files have.
function keyOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
