/** How work waits for its turn: no clock, no network. */
export { createCounts, type Counts } from './counts.ts'
export { createFairTurns, type FairTurns } from './fair-turns.ts'
export { createFairQueue, type FairQueue, type Place, type Share, type Taken } from './fair-queue.ts'
export { createLatest, type Latest, type LatestOptions } from './latest.ts'
