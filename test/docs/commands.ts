import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** The pages for the people who use Patchline, the README first. */
export const pages: readonly string[] = ['README.md', ...globSync('docs/*.md', { cwd: root }).toSorted()]

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  /** Of its first line, from 1. */
  readonly line: number
  /** After the fence: `yaml`; empty where nothing is. */
  readonly language: string
  readonly text: string
}

/** A command of a page with what the page says that it prints. */
export interface Command {
  readonly page: string
  readonly line: number
  /** As it is typed, with all its lines. */
  readonly text: string
  /** Undefined where the page shows none. */
  readonly output: string | undefined
}

/** The text of a file of the repository. */
export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): readonly Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^( *)```([\w-]*)\n([\s\S]*?)^ *```$/gm)].map(match => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[2] ?? '',
    // In a list, a block is indented.
    text: (match[3] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
  }))
}

/** The commands of a block; none where it is no block of commands. */
export function commandsOf(block: Block): readonly Command[] {
  switch (kindOf(block)) {
    case 'console':
      return consoleCommands(block)
    case 'shell':
      return shellCommands(block)
    case 'other':
      return []
  }
}

// A block that does not say its language is told by how it begins, so that leaving the language out hides no command.
const programs =
  /^(?:(?:npx|npm|node|patchline|kubectl|helm|kind|docker|podman|curl|git|crane|skopeo|cosign|flux|argocd|printf|cat|echo|export) +[\w./'"$-]|[A-Z_]+=\$\()/

function kindOf({ language, text }: Block): 'shell' | 'console' | 'other' {
  if (language === 'console' || (language === '' && /^\$ /m.test(text))) return 'console'
  const isShell = ['sh', 'bash', 'shell'].includes(language)
  if (isShell || (language === '' && text.split('\n').some(line => programs.test(line)))) return 'shell'
  return 'other'
}

function consoleCommands({ page, line, text }: Block): readonly Command[] {
  const commands: Command[] = []
  for (const [at, printed] of text.split('\n').slice(0, -1).entries()) {
    const last = commands.at(-1)
    if (printed.startsWith('$ '))
      commands.push({ page, line: line + at, text: printed.slice(2), output: undefined })
    else if (last !== undefined && last.output === undefined && isContinued(last.text))
      commands.splice(-1, 1, { ...last, text: `${last.text}\n${printed}` })
    else if (last !== undefined)
      commands.splice(-1, 1, { ...last, output: `${last.output ?? ''}${printed}\n` })
  }
  return commands
}

function shellCommands({ page, line, text }: Block): readonly Command[] {
  const commands: Command[] = []
  for (const [at, typed] of text.split('\n').slice(0, -1).entries()) {
    const last = commands.at(-1)
    if (last !== undefined && isContinued(last.text))
      commands.splice(-1, 1, { ...last, text: `${last.text}\n${typed}` })
    else if (!/^\s*(?:#|$)/.test(typed))
      commands.push({ page, line: line + at, text: typed, output: undefined })
  }
  return commands
}

/** Whether a command goes on in the next line: after a backslash, or until the end of a here-document. */
function isContinued(text: string): boolean {
  if (text.endsWith('\\')) return true
  const [, end] = /<<'?(\w+)'?/.exec(text) ?? []
  return end !== undefined && text.split('\n').at(-1) !== end
}
