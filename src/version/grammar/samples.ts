import type { Fields } from '../tag/fields.ts'
import type { Numeral } from '../tag/numeral.ts'
import type { NumberPart, Part } from '../tag/parts.ts'
import type { Ending } from './endings.ts'
import { isCompanion } from './grammar.ts'

/** One tag whose suffix has a number of which only the list can tell what it is. */
export interface Sample {
  readonly prefix: string
  readonly core: readonly Numeral[]
  readonly parts: readonly Part[]
}

/** The tags of a repository by the slots that are open. */
export interface Samples {
  add(fields: Fields<Ending>): void
  /** The tags of each slot, the slots from the left to the right, so that what stands before a slot is decided before it. */
  slots(): readonly (readonly SlotSample[])[]
}

/** A tag that has a number in a slot, and where the number stands among its parts. */
export interface SlotSample {
  readonly sample: Sample
  readonly at: number
  readonly part: NumberPart
}

// A repository has a few dozen; of one that has a slot for each tag nothing is learned.
const mostSlots = 500

/** No samples. */
export function createSamples(): Samples {
  const bySlot = new Map<string, SlotSample[]>()
  function take(slot: string, sample: SlotSample): void {
    const known = bySlot.get(slot)
    if (known !== undefined) known.push(sample)
    else if (bySlot.size <= mostSlots) bySlot.set(slot, [sample])
  }
  return {
    add({ prefix, core, suffix }) {
      if (suffix.open.length === 0) return
      const sample = { prefix, core, parts: suffix.parts }
      for (const { part, at } of suffix.open)
        if (!(at === 0 && isCompanion(part, core))) take(part.slot, { sample, at, part })
    },
    slots: () =>
      bySlot.size > mostSlots ? [] : [...bySlot.values()].toSorted((a, b) => startOf(a) - startOf(b)),
  }
}

function startOf([first]: readonly SlotSample[]): number {
  return first?.at ?? 0
}
