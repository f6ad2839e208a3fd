import type { Command } from 'commander'

/** The shells for which there is completion. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A word that may follow, with what it does. */
interface Candidate {
  readonly word: string
  readonly description: string
}

/** The words that may follow a command. */
interface Completed {
  /** As it is typed behind the name of the program: `catalog export`; empty for the program. */
  readonly path: string
  readonly candidates: readonly Candidate[]
}

/** The completion script of a shell, made of the definitions of the commands. */
export function completionScript(program: Command, shell: Shell): string {
  const all = completedIn(program, [])
  switch (shell) {
    case 'bash':
      return bash(all)
    case 'zsh':
      return `#compdef patchline\nautoload -U +X bashcompinit && bashcompinit\n${bash(all)}`
    case 'fish':
      return fish(all)
  }
}

function completedIn(command: Command, path: readonly string[]): readonly Completed[] {
  const commands = command.commands.map(one => ({
    word: one.name(),
    description: firstSentence(one.description()),
  }))
  const options = command.options.map(({ long, short, description }) => ({
    word: long ?? short ?? '',
    description,
  }))
  const help = { word: '--help', description: 'display help for command' }
  const inner = command.commands.flatMap(one => completedIn(one, [...path, one.name()]))
  return [{ path: path.join(' '), candidates: [...commands, ...options, help] }, ...inner]
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.) /, 1)[0] ?? ''
}

// Files are completed where no word fits.
function bash(all: readonly Completed[]): string {
  const cases = all.map(
    ({ path, candidates }) => `    '${path}') words='${candidates.map(({ word }) => word).join(' ')}' ;;`,
  )
  return `_patchline() {
  local path='' word words='' current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    case "\${path:+$path }$word" in
      ${all.flatMap(({ path }) => (path === '' ? [] : `'${path}'`)).join('|')}) path="\${path:+$path }$word" ;;
      *) break ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _patchline patchline
`
}

function fish(all: readonly Completed[]): string {
  const lines = all.flatMap(({ path, candidates }) => {
    const within =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map(word => `__fish_seen_subcommand_from ${word}`)
            .join('; and ')
    return candidates.map(({ word, description }) => {
      const what = word.startsWith('--')
        ? `-l ${word.slice(2)}`
        : word.startsWith('-')
          ? `-s ${word.slice(1)}`
          : `-f -a ${word}`
      return `complete -c patchline -n '${within}' ${what} -d '${description.replaceAll("'", "\\'")}'\n`
    })
  })
  return lines.join('')
}
