import { Option, type Command } from 'commander'
import { version } from '../../app/index.ts'
import { completionScript, shells, type Shell } from '../print/completion.ts'
import { exitCodes, type ExitCode, type Terminal } from '../terminal/terminal.ts'

const versionExamples = `
Examples:
  $ patchline version -o json`

const completionExamples = `
Examples:
  $ source <(patchline completion bash)
  $ patchline completion zsh > "\${fpath[1]}/_patchline"
  $ patchline completion fish > ~/.config/fish/completions/patchline.fish`

/** Adds what is about the program itself: `patchline version` and `patchline completion`. */
export function addAbout(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const { terminal } = context
  program
    .command('version')
    .description('Print the version of this program, and of what runs it.')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', versionExamples)
    .action(({ output }: { readonly output: 'text' | 'json' }) => {
      const { versions, platform, arch } = process
      const facts = { version, node: versions.node, platform: `${platform}/${arch}` }
      terminal.out(
        output === 'json'
          ? `${JSON.stringify(facts)}\n`
          : `patchline ${version}, Node.js ${facts.node}, ${facts.platform}\n`,
      )
      context.exit(exitCodes.fine)
    })
  program
    .command('completion')
    .description('Print the completion of commands and options for a shell.')
    .addArgument(program.createArgument('<shell>', 'the shell').choices(shells))
    .addHelpText('after', completionExamples)
    .action((shell: Shell) => {
      terminal.out(completionScript(program, shell))
      context.exit(exitCodes.fine)
    })
}
