/** A number for each name, 0 where nothing was counted: what is 0 again takes no room. */
export interface Counts<Name> {
  of(name: Name): number
  add(name: Name, count: number): void
}

/** Nothing counted yet. */
export function createCounts<Name>(): Counts<Name> {
  const counts = new Map<Name, number>()
  const of = (name: Name): number => counts.get(name) ?? 0
  return {
    of,
    add(name, count) {
      const sum = of(name) + count
      if (sum === 0) counts.delete(name)
      else counts.set(name, sum)
    },
  }
}
