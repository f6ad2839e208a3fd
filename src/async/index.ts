/** How work waits for its turn, and for how long: no network. */
export { orAborted, withDeadline } from './deadline.ts'
export { createBoundedMap, createExpiringMap, type BoundedMap, type ExpiringMap } from './bounded-map.ts'
export { createCounts, type Counts } from './counts.ts'
export { createFairTurns, type FairTurns } from './fair-turns.ts'
export { createFairQueue, type FairQueue, type Place, type Share, type Taken } from './fair-queue.ts'
export { createKeyedMutex, type KeyedMutex } from './keyed-mutex.ts'
export { createLatest, type Latest, type LatestOptions } from './latest.ts'
export { createSingleFlight } from './single-flight.ts'
