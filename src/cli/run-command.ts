import { Command, CommanderError } from 'commander'
import { InvalidConfigError } from '../config/index.ts'
import { addAbout } from './commands/about.ts'
import { addAudit } from './commands/audit.ts'
import { addCatalog } from './commands/catalog.ts'
import { addCerts } from './commands/certs.ts'
import { addCheck } from './commands/check.ts'
import { addDoctor, addPreflight } from './commands/doctor.ts'
import { addNotify } from './commands/notify.ts'
import { addExplain } from './commands/explain.ts'
import { addMigrate } from './commands/migrate.ts'
import { addGrammar } from './commands/grammar.ts'
import { addScan } from './commands/scan.ts'
import { addServe } from './commands/serve.ts'
import { addUninstall } from './commands/uninstall.ts'
import { addWatch } from './commands/watch.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from './terminal/terminal.ts'
import { version } from '../app/index.ts'

export type { Terminal } from './terminal/terminal.ts'

/** Runs one command line (without the program's name) and returns what the process is to exit with. Never rejects for what a person typed. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: exitCodes.fine }
  const program = programFor(terminal, code => void (outcome.code = code))
  try {
    assertHelpTopic(args, program)
    await program.parseAsync([...args], { from: 'user' })
    return outcome.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage
    if (!(error instanceof UsageError || error instanceof InvalidConfigError)) throw error
    terminal.err(`patchline: ${error.message}\n`)
    return exitCodes.usage
  }
}

function programFor(terminal: Terminal, exit: (code: ExitCode) => void): Command {
  const program = new Command('patchline')
    .description('Tells whether a newer patch of the image line that you use exists.')
    .version(version, '-V, --version')
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(patchline --help shows the commands)')
    .configureOutput({
      writeOut: text => terminal.out(text),
      writeErr: text => terminal.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'patchline: ')),
    })
    .hook('preAction', () => checkNode(process.versions.node))
  const context = { terminal, exit }
  addCheck(program, context)
  addScan(program, context)
  addGrammar(program, context)
  addServe(program, context)
  addAudit(program, context)
  addWatch(program, context)
  addNotify(program, context)
  addCerts(program, context)
  addUninstall(program, context)
  addPreflight(program, context)
  addDoctor(program, context)
  addExplain(program, context)
  addMigrate(program, context)
  addCatalog(program, context)
  addAbout(program, context)
  for (const command of program.commands)
    command.showHelpAfterError(`(patchline ${command.name()} --help shows its options)`)
  return program
}

const help = `
Begin with:
  $ patchline check nginx:1.25.1    one image
  $ patchline scan .                all that the files below this folder name
  $ patchline audit --once          all that runs in the cluster of your kubeconfig`

const oldestNode = [22, 19] as const // what undici 8 needs to be imported at all; also `engines` of package.json

/**
 * Checks the version of Node.js (`22.19.0`) before a command does anything; `--help` and `--version` go without.
 * @throws UsageError where it is too old.
 */
function checkNode(running: string): void {
  const [major = 0, minor = 0] = running.split('.').map(Number)
  const [wantedMajor, wantedMinor] = oldestNode
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  const way = 'install a newer one, or use npx patchline in a checkout after npm ci, which brings its own'
  throw new UsageError(`needs Node.js ${oldestNode.join('.')} or newer, and this is ${running}: ${way}`)
}

// The library shows the general help for a command that there is not, and does not say why.
function assertHelpTopic([first, topic, ...others]: readonly string[], { commands }: Command): void {
  if (first !== 'help' || topic === undefined || topic.startsWith('-') || others.length > 0) return
  const names = commands.map(command => command.name())
  if (names.includes(topic) || topic === 'help') return
  throw new UsageError(`there is no command ${JSON.stringify(topic)}; the commands are ${names.join(', ')}`)
}
