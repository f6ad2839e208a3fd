/** One line that a POSIX shell reads as exactly these words. */
export function shellWords(texts: readonly string[]): string {
  return texts.map(quoted).join(' ')
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
