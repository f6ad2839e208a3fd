/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether the value is a JSON object: neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a JSON text; undefined where it is not one. Never throws: a parser's error would quote the text, which may be a secret. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The value's own member of that name; undefined where the value is no object or has none. Never inherited. */
export function member(value: unknown, key: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** What lies at the end of a path of members; undefined where the path breaks off. */
export function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce(member, value)
}

/** The items of an array; none where the value is not one. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The text itself; empty if the value is not a string. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/**
 * Whether two JSON values say the same, whatever the order of members. It keeps its own stack: the nesting comes from
 * outside, and the call stack would end before it.
 */
export function sameJson(one: unknown, other: unknown): boolean {
  const pending: (readonly [unknown, unknown])[] = [[one, other]]
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [left, right] = pair
    if (left === right) continue
    const members = pairedMembers(left, right)
    if (members === undefined) return false
    for (const next of members) pending.push(next)
  }
  return true
}

/** The members of two values side by side; undefined where the values themselves differ. */
function pairedMembers(left: unknown, right: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length ? left.map((item, index) => [item, right[index]] as const) : undefined
  if (!isJsonObject(left) || !isJsonObject(right)) return undefined
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length || !keys.every(key => Object.hasOwn(right, key)))
    return undefined
  return keys.map(key => [left[key], right[key]] as const)
}
