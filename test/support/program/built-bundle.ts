import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { stagesOf } from '../../../scripts/image/dockerfile.ts'
import { execute, type Execution } from './execute.ts'

const root = join(import.meta.dirname, '../../..')

/** The bundle of the image in a folder of its own, below which and above which there is no node_modules. */
export interface BuiltBundle {
  readonly directory: string
  /** Its `main.js`. */
  readonly program: string
  /** Runs a command with an environment of its own. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Execution>
  /** Makes it once more, elsewhere; the folder. */
  again(): Promise<string>
  close(): void
}

/** Makes it as the image's build does: of nothing but the files that the Dockerfile copies, and node_modules. */
export async function buildBundle(): Promise<BuiltBundle> {
  const place = mkdtempSync(join(tmpdir(), 'patchline-bundle-'))
  const checkout = join(place, 'checkout')
  for (const file of copiedFiles()) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true })
    cpSync(join(root, file), join(checkout, file), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  const make = async (directory: string): Promise<string> => {
    const { code, stderr } = await execute(execPath, [join(checkout, 'scripts/bundle.ts'), directory])
    if (code !== 0) throw new Error(stderr)
    return directory
  }
  const directory = await make(join(place, 'app'))
  const program = join(directory, 'main.js')
  return {
    directory,
    program,
    run: (args, environment = {}) =>
      execute(execPath, [program, ...args], { environment: { HOME: place, ...environment } }),
    again: () => make(join(place, 'again')),
    close: () => rmSync(place, { recursive: true }),
  }
}

function copiedFiles(): readonly string[] {
  const stages = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8'))
  return stages
    .flatMap(({ steps }) => steps)
    .flatMap(step => (step.kind === 'copy' && step.from === undefined ? step.sources : []))
}
