import { setImmediate as nextTurn } from 'node:timers/promises'
import { MalformedJsonError, project, type Shape } from '../../json/index.ts'
import { freeBytes } from './in-flight-requests.ts'
import type { ReceivedBody } from './request-body.ts'

/** The body is not JSON. The message quotes nothing of it: it may hold a Secret. */
export class UndecodableBodyError extends Error {
  override readonly name = 'UndecodableBodyError'
  readonly code = 'not-json'

  constructor() {
    super('the body is not JSON')
  }
}

/** The value of a body, as far as it is read. */
export interface DecodedBody {
  readonly value: unknown
  /** False if parts that a review is judged by were left out. */
  readonly isWhole: boolean
}

/** Decodes the bodies of reviews. */
export type BodyDecoder = (body: ReceivedBody) => DecodedBody | Promise<DecodedBody>

/** Creates a decoder: small bodies are decoded at once, large ones one by one, each in its own turn of the event loop. */
export function createBodyDecoder(): BodyDecoder {
  let previous: Promise<unknown> = Promise.resolve()
  return ({ buffer, isWhole }) => {
    const decodeNow = () => buffer.readOnce(bytes => decodeBody(bytes, isWhole))
    if (buffer.length() <= freeBytes) return decodeNow()
    const decoded = previous.then(() => nextTurn()).then(decodeNow)
    previous = decoded.then(nothing, nothing) // which does not keep the value until the next body
    return decoded
  }
}

function nothing(): void {}

/**
 * The JSON value of a body, or of the beginning of one that is not whole. Keys such as `__proto__` become plain own
 * properties. Of a large body, only what a review is judged by is read, up to the limits below; the rest is skipped, at no cost
 * however deep it is.
 * @throws UndecodableBodyError if it is not JSON; never anything else.
 */
export function decodeBody(bytes: Buffer, isWhole: boolean): DecodedBody {
  try {
    // Nearly all reviews are small: JSON.parse alone is the fastest for them, and takes milliseconds whatever they hold.
    if (isWhole && bytes.length <= freeBytes) return { value: JSON.parse(bytes.toString('utf8')), isWhole }
    const { value, complete } = project(bytes, readOfReview, { bytes: mostBytes, values: mostValues })
    return { value, isWhole: isWhole && complete }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MalformedJsonError) throw new UndecodableBodyError()
    throw error
  }
}

/**
 * All parts that are read together: an UPDATE has two objects of what etcd takes (1.5 MiB), and each byte may be written as six,
 * which is 18 MiB. Reading takes the same again, twice.
 */
const mostBytes = 24 * 1024 * 1024
/** Each takes 40 bytes or more once it is built. A pod spec of a megabyte has tens of thousands, an UPDATE two specs. */
const mostValues = 300_000

// What is read of a large review: not `managedFields`, which may be most of it, and not the status.
const readOfObject: Shape = {
  members: {
    metadata: {
      members: {
        name: 'whole',
        annotations: 'whole',
        labels: 'whole',
        ownerReferences: 'whole',
        deletionTimestamp: 'whole',
      },
    },
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
