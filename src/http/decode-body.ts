import { MalformedJsonError, project, type Shape } from '../json/index.ts'

/** The body is no JSON. The message quotes nothing of it: it may hold a Secret. */
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
  /** False where parts were left out that would have been read. */
  readonly isWhole: boolean
}

/** Nearly all reviews are smaller: JSON.parse alone is the fastest for them, and whatever they are it takes milliseconds. */
const smallBody = 64 * 1024

/**
 * The JSON value of a body, or of the beginning of one that is not whole. Keys such as `__proto__` come out as plain own
 * properties. Of a large one only what a review is judged by is read, and no more of it than memory can bear; what lies deep
 * costs nothing where it is passed over.
 * @throws UndecodableBodyError where it is no JSON; never anything else.
 */
export function decodeBody(bytes: Buffer, isWhole: boolean): DecodedBody {
  try {
    if (isWhole && bytes.length <= smallBody) return { value: JSON.parse(bytes.toString('utf8')), isWhole }
    const { value, complete } = project(bytes, readOfReview, { bytes: mostBytes, values: mostValues })
    return { value, isWhole: isWhole && complete }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MalformedJsonError) throw new UndecodableBodyError()
    throw error
  }
}

/**
 * Of the parts that are read, together: of an UPDATE two objects of what etcd takes (1.5 MiB), each byte of them written as six,
 * are 18 MiB. Reading takes the same again, twice.
 */
const mostBytes = 24 * 1024 * 1024
/** Each costs some 40 bytes and more once it is built. A pod spec of a megabyte has tens of thousands, an UPDATE two specs. */
const mostValues = 300_000

// Of a large review only what is read: not `managedFields`, which may be most of it, and not the status.
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
