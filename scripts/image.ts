/**
 * Carries out the Dockerfile without an engine: `npm run image -- OUT` writes OUT/layout, an OCI image layout, and OUT/rootfs, what a
 * container of it has as its `/`. Its stages run by the same commands in a clean folder. The base of the last stage cannot be
 * had without a registry: this machine's Node stands for it.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { arch } from 'node:os'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { tmpdir } from 'node:os'
import { buildStage } from './image/build-stage.ts'
import { stagesOf } from './image/dockerfile.ts'
import { writeMachineBase } from './image/machine-base.ts'
import { writeLayout } from './image/oci-layout.ts'
import { fieldsOf } from './lockfile.ts'

const context = join(import.meta.dirname, '..')
const [named = 'image'] = process.argv.slice(2)
const out = resolve(named)
const version = String(fieldsOf(JSON.parse(readFileSync(join(context, 'package.json'), 'utf8')))['version'])
const revision = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: context, encoding: 'utf8' }).trim()
const stages = stagesOf(readFileSync(join(context, 'Dockerfile'), 'utf8'), {
  VERSION: version,
  REVISION: revision,
})
const place = mkdtempSync(join(tmpdir(), 'patchline-image-'))
try {
  const roots = new Map<string, string>()
  for (const [at, stage] of stages.entries()) {
    const root = join(place, `stage-${at}`)
    mkdirSync(root)
    buildStage(stage, { context, stages: roots, root })
    roots.set(stage.name ?? String(at), root)
  }
  const last = join(place, `stage-${stages.length - 1}`)
  const base = join(place, 'base')
  writeMachineBase(base, execPath)
  const digest = writeLayout(join(out, 'layout'), {
    layers: [base, last],
    steps: stages.at(-1)?.steps ?? [],
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    name: version,
  })
  const rootfs = join(out, 'rootfs')
  rmSync(rootfs, { recursive: true, force: true })
  for (const layer of [base, last]) cpSync(layer, rootfs, { recursive: true })
  console.log(`${join(out, 'layout')}: patchline:${version}@${digest}`)
} finally {
  rmSync(place, { recursive: true, force: true })
}
