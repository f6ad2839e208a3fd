import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, statSync } from 'node:fs'
import { basename, delimiter, dirname, join, posix } from 'node:path'
import { execPath } from 'node:process'
import type { Stage, Step } from './dockerfile.ts'

/** What a stage is made of. */
export interface StageParts {
  /** The sources, which `COPY` takes files from. */
  readonly context: string
  /** The folders of the stages before, by their names. */
  readonly stages: ReadonlyMap<string, string>
  /** The folder that becomes the root of the stage; what it is based on is not in it. */
  readonly root: string
}

/**
 * Carries out the steps of a stage that change files, with the tools of this machine in place of those of the stage's base: the
 * same commands, without an engine. `node` and `npm` are those that run this.
 * @throws Error of the command that failed; what it prints is shown.
 */
export function buildStage({ steps }: Stage, parts: StageParts): void {
  let workdir = '/'
  for (const step of steps) {
    if (step.kind === 'workdir') {
      workdir = posix.resolve(workdir, step.path)
      mkdirSync(join(parts.root, workdir), { recursive: true })
    } else if (step.kind === 'copy') copy(step, workdir, parts)
    else if (step.kind === 'run') run(step.command, join(parts.root, workdir))
  }
}

function copy(step: Step & { readonly kind: 'copy' }, workdir: string, parts: StageParts): void {
  const source = step.from === undefined ? parts.context : parts.stages.get(step.from)
  if (source === undefined) throw new Error(`COPY --from=${step.from}: there is no such stage before it`)
  const target = join(parts.root, posix.resolve(workdir, step.destination))
  for (const name of step.sources) {
    const from = join(source, name)
    // Of a folder its content, of a file the file: into the destination where that is a folder.
    const isInto = step.destination.endsWith('/') && statSync(from).isFile()
    const to = isInto ? join(target, basename(from)) : target
    mkdirSync(dirname(to), { recursive: true })
    cpSync(from, to, { recursive: true })
  }
}

function run(command: string, cwd: string): void {
  const path = [dirname(execPath), process.env['PATH'] ?? ''].join(delimiter)
  // Without what npm sets for a script: an npm that runs in it would install into the wrong folder.
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:npm_|INIT_CWD|NODE_OPTIONS)/.test(name))
  const env = { ...Object.fromEntries(kept), PATH: path }
  execFileSync('sh', ['-euc', command], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
}
