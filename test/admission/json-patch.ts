/** One operation of a JSON Patch as it came back from the wire. */
export interface PatchOperation {
  readonly op: unknown
  readonly path: string
  readonly value: unknown
}

/** The operations of a base64 JSON Patch. */
export function operationsOf(patch: string): readonly PatchOperation[] {
  return JSON.parse(Buffer.from(patch, 'base64').toString('utf8'))
}

/** The document after a base64 JSON Patch: `add`, `replace` and `remove` of RFC 6902 on objects, by the letter. Throws where one does not apply. */
export function patched(document: unknown, patch: string): unknown {
  const copy: unknown = structuredClone(document)
  for (const { op, path, value } of operationsOf(patch)) {
    const keys = path
      .split('/')
      .slice(1)
      .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    const parent = keys.reduce(
      (at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined),
      copy,
    )
    if (!isObject(parent)) throw new Error(`${path} has no parent`)
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw new Error(`${JSON.stringify(op)} is not expected`)
    if (op !== 'add' && !Object.hasOwn(parent, last)) throw new Error(`${path} is not there`)
    if (op === 'remove') Reflect.deleteProperty(parent, last)
    else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true })
  }
  return copy
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
