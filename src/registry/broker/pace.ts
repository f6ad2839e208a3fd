import { createTokenBucket, type BucketLimits } from '../../async/index.ts'

/** The pace of requests: whether one may be sent now. */
export interface Pace {
  mayGo(): boolean
  take(): void
}

/** Creates a pace that rests after the last token of a bucket until there is another; `onRested` is called then. */
export function createPace(limits: BucketLimits, elapsed: () => number, onRested: () => void): Pace {
  const bucket = createTokenBucket(limits, elapsed)
  let isResting = false

  function rest(): void {
    const wait = Math.ceil(bucket.wait())
    isResting = wait > 0
    // What waits has a deadline; without anything this must not keep the process from ending.
    if (isResting) setTimeout(goOn, wait).unref()
  }

  function goOn(): void {
    rest()
    if (!isResting) onRested()
  }

  return {
    mayGo: () => !isResting,
    take() {
      bucket.take()
      rest()
    },
  }
}
