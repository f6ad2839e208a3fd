/** The ground floor for asynchronous work: queues, mutexes, deadlines and bounded maps. No network. */
export { orAborted, withDeadline } from './deadline.ts'
export { createBoundedMap, createExpiringMap, type BoundedMap, type ExpiringMap } from './bounded-map.ts'
export {
  createCounts,
  createFairQueue,
  createFairTurns,
  type Counts,
  type FairQueue,
  type QueuePosition,
  type Share,
  type Taken,
  type FairTurns,
} from './fair-queue.ts'
export { createKeyedMutex, createMutex, createSingleFlight, type KeyedMutex } from './keyed-work.ts'
export { createTokenBucket, type BucketLimits, type TokenBucket } from './token-bucket.ts'
export { createLatest, type Latest, type LatestOptions } from './latest.ts'
