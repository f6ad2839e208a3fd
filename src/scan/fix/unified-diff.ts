const context = 3

interface Hunk {
  readonly first: number
  readonly last: number
}

/** The unified diff of two texts with the same number of lines, as `git apply` and `patch` take it; empty where they are the same. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const [old, fresh] = [linesOf(before), linesOf(after)]
  const changed = old.flatMap((line, index) => (line === fresh[index] ? [] : [index]))
  const hunks = hunksOf(changed, old.length)
  if (hunks.length === 0) return ''
  const body = hunks.map(hunk => hunkText(hunk, old, fresh)).join('')
  return `--- ${header('a', file)}\n+++ ${header('b', file)}\n${body}`
}

// A name with a space ends in a tab, as git writes it.
function header(side: string, file: string): string {
  return file.includes(' ') ? `${side}/${file}\t` : `${side}/${file}`
}

// Each with its line break; a text that ends in one has no empty line behind it.
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function hunksOf(changed: readonly number[], count: number): readonly Hunk[] {
  const hunks: Hunk[] = []
  for (const line of changed) {
    const before = hunks.at(-1)
    const [first, last] = [Math.max(0, line - context), Math.min(count - 1, line + context)]
    if (before !== undefined && first <= before.last + 1)
      hunks[hunks.length - 1] = { first: before.first, last }
    else hunks.push({ first, last })
  }
  return hunks
}

function hunkText({ first, last }: Hunk, old: readonly string[], fresh: readonly string[]): string {
  const range = `${first + 1},${last - first + 1}`
  const lines: string[] = []
  let added: string[] = []
  for (let index = first; index <= last; index++) {
    const [before = '', after = ''] = [old[index], fresh[index]]
    if (before === after) {
      lines.push(...added, marked(' ', before))
      added = []
    } else {
      lines.push(marked('-', before))
      added.push(marked('+', after))
    }
  }
  return [`@@ -${range} +${range} @@\n`, ...lines, ...added].join('')
}

function marked(mark: string, line: string): string {
  return line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`
}
