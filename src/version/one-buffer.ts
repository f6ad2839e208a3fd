import type { Numbers } from './groups.ts'

/** Arrays as they were built, by what their numbers need. */
export interface Arrays {
  readonly words: readonly Uint32Array[]
  /** None of their numbers is above `largest`. */
  readonly numbers: readonly Uint32Array[]
  readonly largest: number
  readonly bytes: readonly Uint8Array[]
}

/** The same arrays one behind another in a single piece of memory. */
export interface OneBuffer {
  /** How many bytes it has. */
  readonly size: number
  /** The copies of the arrays: each is found by what it was copied from. */
  readonly words: (from: Uint32Array) => Uint32Array
  readonly numbers: (from: Uint32Array) => Numbers
  readonly bytes: (from: Uint8Array) => Uint8Array
}

/** Copies arrays into one buffer: a buffer for each would cost a small repository more than its tags. */
export function inOneBuffer({ words, numbers, largest, bytes }: Arrays): OneBuffer {
  const Short = largest < 2 ** 16 ? Uint16Array : Uint32Array
  const short = Short.BYTES_PER_ELEMENT
  const size = 4 * total(words) + short * total(numbers) + total(bytes)
  const buffer = new ArrayBuffer(size)
  let end = 0
  const claim = (length: number): number => {
    end += length
    return end - length
  }
  return {
    size,
    words: copies(words, ({ length }) => new Uint32Array(buffer, claim(4 * length), length)),
    numbers: copies(numbers, ({ length }) => new Short(buffer, claim(short * length), length)),
    bytes: copies(bytes, ({ length }) => new Uint8Array(buffer, claim(length), length)),
  }
}

interface Target {
  set(values: ArrayLike<number>): void
}

function copies<From extends ArrayLike<number>, To extends Target>(
  arrays: readonly From[],
  claim: (from: From) => To,
): (from: From) => To {
  const made = new Map<From, To>()
  for (const from of arrays) {
    const copy = claim(from)
    copy.set(from)
    made.set(from, copy)
  }
  return from => made.get(from) ?? claim(from)
}

function total(arrays: readonly { readonly length: number }[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0)
}
