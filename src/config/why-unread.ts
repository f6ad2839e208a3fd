// What node:fs says, in the words of a person.
const meanings: readonly (readonly [code: string, meaning: string])[] = [
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'is a folder'],
]

/** Why a file could not be read, beginning with its name: `x: no such file`. */
export function whyUnread(path: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const known = meanings.find(([code]) => why.startsWith(`${code}:`))
  return `${path === '-' ? 'standard input' : path}: ${known?.[1] ?? why}`
}
