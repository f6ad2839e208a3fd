import { MalformedJsonError, project, type Shape } from '../json/index.ts'

/** Why a body could not be decoded. */
export type UndecodableBodyCode = 'not-json' | 'too-deep'

/** The body is no JSON that is safe to parse. The message quotes nothing of it: it may hold a Secret. */
export class UndecodableBodyError extends Error {
  override readonly name = 'UndecodableBodyError'
  readonly code: UndecodableBodyCode

  constructor(code: UndecodableBodyCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * What the API server's own decoder takes (encoding/json maxNestingDepth). Less would be a way around: `managedFields` and
 * many a custom resource hold JSON of the user's own.
 */
const deepestNesting = 10_000

/**
 * What JSON.parse of nothing but `[` costs grows with its length: 0.5 s for 7 MiB, 3 ms for this many bytes. Below it, the
 * pass over the bytes would cost every review a sixth of its whole time to save those 3 ms.
 */
const harmlessLength = 64 * 1024

/**
 * The JSON value of a body. Keys such as `__proto__` come out as plain own properties.
 * @throws UndecodableBodyError where it is no JSON, or is large and nests too deep; never anything else.
 */
export function decodeBody(body: Buffer): unknown {
  if (body.length <= harmlessLength) return parsed(() => JSON.parse(body.toString('utf8')))
  if (nestsDeeperThan(deepestNesting, body))
    throw new UndecodableBodyError('too-deep', `the body nests deeper than ${deepestNesting}`)
  const { value, complete } = parsed(() => project(body, readOfReview, body.length))
  if (!complete) throw notJson()
  return value
}

// Of a large review only what is read: not `managedFields`, which may be most of it, and not the status.
const readOfObject: Shape = {
  members: {
    metadata: { members: { name: 'whole', annotations: 'whole', labels: 'whole', ownerReferences: 'whole' } },
    spec: 'whole',
    template: 'whole', // of a PodTemplate
  },
}
const readOfReview: Shape = {
  members: {
    apiVersion: 'whole',
    kind: 'whole',
    request: {
      members: {
        uid: 'whole',
        kind: 'whole',
        resource: 'whole',
        subResource: 'whole',
        name: 'whole',
        namespace: 'whole',
        operation: 'whole',
        userInfo: 'whole',
        object: readOfObject,
        oldObject: readOfObject,
      },
    },
  },
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MalformedJsonError) throw notJson()
    throw error
  }
}

function notJson(): UndecodableBodyError {
  return new UndecodableBodyError('not-json', 'the body is not JSON')
}

const quote = 0x22
const backslash = 0x5c
const lowerCase = 0x20 // makes `{` of `[` and `}` of `]`; outside a text no other legal byte becomes one of them
const opening = 0x7b
const closing = 0x7d

/** Whether JSON nests deeper than `depth`: one pass over the bytes, before anything is built from them. */
export function nestsDeeperThan(depth: number, json: Uint8Array): boolean {
  const { length } = json
  let open = 0
  for (let at = 0; at < length; at++) {
    const byte = json[at] ?? 0
    const bracket = byte | lowerCase
    if (byte === quote) at = endOfText(json, at)
    else if (bracket === closing) open--
    else if (bracket === opening && ++open > depth) return true
  }
  return false
}

function endOfText(json: Uint8Array, start: number): number {
  const { length } = json
  let at = start + 1
  while (at < length && json[at] !== quote) at += json[at] === backslash ? 2 : 1
  return at
}
