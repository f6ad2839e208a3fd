import { Command, CommanderError } from 'commander'
import { InvalidConfigError } from '../config/index.ts'
import { addAudit } from './audit.ts'
import { addCerts } from './certs.ts'
import { addCheck } from './check.ts'
import { addNotify } from './notify.ts'
import { addServe } from './serve.ts'
import { addUninstall } from './uninstall.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from './terminal.ts'
import { version } from '../version.ts'

export type { Terminal } from './terminal.ts'

/** Runs one command line (without the program's name) and returns what the process is to exit with. Never rejects for what a person typed. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: exitCodes.fine }
  const program = programFor(terminal, code => void (outcome.code = code))
  try {
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
    .exitOverride()
    .showHelpAfterError('(patchline --help shows the commands)')
    .configureOutput({ writeOut: text => terminal.out(text), writeErr: text => terminal.err(text) })
  const context = { terminal, exit }
  addCheck(program, context)
  addServe(program, context)
  addAudit(program, context)
  addNotify(program, context)
  addCerts(program, context)
  addUninstall(program, context)
  return program
}
