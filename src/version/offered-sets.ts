import { audience, type Audience } from './audiences.ts'
import { bitsUpTo } from './bits.ts'
import { release } from './release.ts'
import type { Placed } from './place-entries.ts'

/** For users of releases and for users of pre-releases the bits of a set. */
export interface OfferedBits {
  readonly toReleases: Uint32Array
  readonly toPreReleases: Uint32Array
}

/** The places that may be offered to the audience of each. */
export function offeredBits(audiences: Uint8Array): OfferedBits {
  return {
    toReleases: bitsUpTo(audiences, audience.everybody),
    toPreReleases: bitsUpTo(audiences, audience.preReleaseUsers),
  }
}

/** Of each version that may be offered its first place. */
export function firstBits({ repeats }: Placed, audiences: Uint8Array): OfferedBits {
  if (!repeats.includes(1)) return offeredBits(audiences)
  return {
    toReleases: firstsUpTo(repeats, audiences, audience.everybody),
    toPreReleases: firstsUpTo(repeats, audiences, audience.preReleaseUsers),
  }
}

function firstsUpTo(repeats: Uint8Array, audiences: Uint8Array, most: Audience): Uint32Array {
  const own = audiences.slice()
  let isNew = true
  for (let place = 0; place < own.length; place++) {
    if (repeats[place] !== 1) isNew = true
    if ((own[place] ?? 0) > most) continue
    if (!isNew) own[place] = audience.nobody
    isNew = false
  }
  const bits = bitsUpTo(own, most)
  release(own)
  return bits
}
