/**
 * Gives the memory of arrays back at once. The collector counts what is in its own heap, not what arrays hold: the work
 * on a hundred repositories would wait for it as garbage. None of the arrays, nor a view of one, may be used afterwards.
 */
export function release(...arrays: readonly (Uint8Array | Uint32Array | undefined)[]): void {
  for (const array of arrays)
    if (array?.buffer instanceof ArrayBuffer && !array.buffer.detached) array.buffer.transfer(0)
}
