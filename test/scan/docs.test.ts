import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execPath } from 'node:process'
import t from 'tap'
import { execute } from '../support/program/execute.ts'
import { memoryRegistry } from '../support/registry/registry-fixture.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/scan.md'), 'utf8')

// Every line of the page's code that runs Patchline: a command, a step of a workflow, a line of a script.
const commands = [...page.matchAll(/^```[a-z]*\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .map(
    line =>
      /^\s*(?:- run: |- |sh ')?((?:helm .* \| )?patchline (?:scan|catalog|completion|version)\b[^']*(?:'[^']*'[^']*)*?)'?$/.exec(
        line,
      )?.[1],
  )
  .filter(command => command !== undefined)

const pod = (image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: '${image}'}]}\n`

t.test('every command of docs/scan.md, in its order, by the real program', async t => {
  const { host } = await memoryRegistry(t, { repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
  const folder = t.testdir()
  for (const path of ['bin', 'deploy', 'charts/web']) mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, 'deploy/web.yaml'), pod(`${host}/team/app:1.0.0`))
  writeFileSync(join(folder, 'bin/helm'), `#!/bin/sh\ncat deploy/web.yaml\n`)
  // The registry of the test is one that a person would name.
  const program = `#!/bin/sh\ncase "$1 $2" in scan*|*export) set -- "$@" --insecure-registry ${host};; esac\nexec ${execPath} ${join(root, 'src/main.ts')} "$@"\n`
  writeFileSync(join(folder, 'bin/patchline'), program)
  for (const name of ['helm', 'patchline']) chmodSync(join(folder, 'bin', name), 0o755)
  const path = [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter)
  t.ok(commands.length >= 18, `${commands.length} commands`)
  for (const command of commands) {
    const { code, stderr } = await execute('bash', ['-c', `cd ${folder} && ${command}`], {
      environment: { PATH: path, HOME: folder },
    })
    t.ok(code === 0 || code === 2, `${command}: ${code} ${stderr}`)
  }
  t.equal(readFileSync(join(folder, 'deploy/web.yaml'), 'utf8'), pod(`${host}/team/app:1.0.1`), '--fix')
  const written = [
    'patchline.sarif',
    'gl-code-quality-report.json',
    'patchline.xml',
    'known.json',
    'catalog.json',
    'patchline.bash',
  ]
  for (const file of written) t.ok(existsSync(join(folder, file)), file)
})
