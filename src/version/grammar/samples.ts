import type { Fields, Suffix } from '../tag/fields.ts'
import type { Numeral } from '../tag/numeral.ts'
import type { NumberPart, Part } from '../tag/parts.ts'
import { isCompanion, isOpen } from './grammar.ts'

/** One tag whose suffix has a number of which only the list can tell what it is. */
export interface Sample {
  readonly prefix: string
  readonly core: readonly Numeral[]
  readonly parts: readonly Part[]
}

/** The tags of a repository by the slots that are open. */
export interface Samples {
  add(fields: Fields): void
  /** The tags of each slot, the slots from the left to the right, so that what stands before a slot is decided before it. */
  slots(): readonly (readonly SlotSample[])[]
}

/** A tag that has a number in a slot, and where the number stands among its parts. */
export interface SlotSample {
  readonly sample: Sample
  readonly at: number
  readonly part: NumberPart
}

interface Place {
  readonly part: NumberPart
  readonly at: number
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
  // Suffixes are shared objects, and most have no such number.
  const open = new WeakMap<Suffix, readonly Place[]>()
  function placesIn(suffix: Suffix): readonly Place[] {
    let known = open.get(suffix)
    if (known === undefined)
      open.set(suffix, (known = suffix.parts.flatMap((part, at) => (isOpen(part) ? [{ part, at }] : []))))
    return known
  }
  return {
    add({ prefix, core, suffix }) {
      const places = placesIn(suffix)
      if (places.length === 0) return
      const sample = { prefix, core, parts: suffix.parts }
      for (const { part, at } of places)
        if (!(at === 0 && isCompanion(part, core))) take(part.slot, { sample, at, part })
    },
    slots: () =>
      bySlot.size > mostSlots ? [] : [...bySlot.values()].toSorted((a, b) => placeOf(a) - placeOf(b)),
  }
}

function placeOf([first]: readonly SlotSample[]): number {
  return first?.at ?? 0
}
