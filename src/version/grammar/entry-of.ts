/** The value under a key of a map, which is made and put there where it is not. */
export function entryOf<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = create()
  map.set(key, fresh)
  return fresh
}
