const minute = 60_000
const hour = 60 * minute

/** An age in short: minutes, hours, and from two days on days (`45m`, `26h`, `3d`). */
export function shortAge(milliseconds: number): string {
  const hours = Math.max(0, Math.floor(milliseconds / hour))
  if (hours === 0) return `${Math.max(0, Math.floor(milliseconds / minute))}m`
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}
