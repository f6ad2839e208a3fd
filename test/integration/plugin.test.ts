import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { execPath } from 'node:process'
import t from 'tap'
import { parse } from 'yaml'
import { version } from '../../src/app/process/version.ts'
import { execute } from '../support/program/execute.ts'
import { toolPath } from '../support/program/tool-path.ts'
import { memoryRegistry } from '../support/registry/registry-fixture.ts'

const place = mkdtempSync(join(tmpdir(), 'patchline-plugin-test-'))
t.teardown(() => rmSync(place, { recursive: true, force: true }))
const script = join(import.meta.dirname, '../../scripts/plugin.ts')
const manifest = join(place, 'patchline.yaml')
const archive = join(place, 'patchline-plugin.tar.gz')
const environment = {
  KREW_ROOT: join(place, 'krew'),
  PATH: [
    join(place, 'krew/bin'),
    dirname(execPath),
    dirname(toolPath('kubectl')),
    process.env['PATH'] ?? '',
  ].join(delimiter),
}

t.test('the archive is the same each time, and the manifest holds its digest', async t => {
  t.match(await execute(execPath, [script, place]), { code: 0 })
  const [first, written] = [readFileSync(archive), readFileSync(manifest, 'utf8')]
  t.match(await execute(execPath, [script, place]), { code: 0 })
  t.ok(readFileSync(archive).equals(first))
  t.equal(readFileSync(manifest, 'utf8'), written)
  const { spec } = parse(written)
  t.equal(spec.version, `v${version}`)
  t.ok(spec.shortDescription.length <= 50, 'the index of krew takes no more')
})

t.test("krew's own check takes the manifest, and krew installs it as a command of kubectl", async t => {
  const checked = await execute(toolPath('validate-krew-manifest'), ['-manifest', manifest, '-skip-install'])
  t.equal(checked.code, 0, checked.stderr)
  const install = ['install', `--manifest=${manifest}`, `--archive=${archive}`]
  const installed = await execute(toolPath('krew'), install, { environment })
  t.equal(installed.code, 0, installed.stderr)
  t.match(installed.stderr, /Needs Node\.js 22\.19/)

  const run = (...args: readonly string[]) =>
    execute(toolPath('kubectl'), ['patchline', ...args], { environment })
  t.strictSame(await run('--version'), { code: 0, stdout: `${version}\n`, stderr: '' })
  const registry = await memoryRegistry(t, { repositories: { nginx: ['1.25.1', '1.25.5'] } })
  const check = await run('check', '--insecure-registry', registry.host, `${registry.host}/nginx:1.25.1`)
  t.match(check, { code: 2, stdout: /^outdated .* 1\.25\.5 /m })
})
