import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** How many bytes what the work gives takes in memory, by what is alive before and after it. */
export function memoryOf(work: () => unknown): number {
  collectGarbage()
  const before = inUse()
  const made = work()
  collectGarbage()
  const after = inUse()
  // Alive until here.
  return made === undefined ? 0 : after - before
}

function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
