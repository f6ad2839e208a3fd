import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

t.test('it says what is wrong, and fails', async t => {
  const directory = t.testdir({ scripts: {} })
  for (const file of ['package.json', 'scripts/runtime-packages.txt'])
    cpSync(join(root, file), join(directory, file))
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const undici = /"node_modules\/undici": \{[^}]*"license": "MIT"/
  writeFileSync(
    join(directory, 'package-lock.json'),
    lock.replace(undici, entry => entry.replace('"MIT"', '"BUSL-1.1"')),
  )
  const run = () =>
    spawnSync(process.execPath, [join(root, 'scripts/check-packages.ts')], {
      cwd: directory,
      encoding: 'utf8',
    })
  const { status, stderr } = run()
  t.equal(status, 1)
  t.match(stderr, /^undici@\S+ \(node_modules\/undici\): the licence BUSL-1\.1 is not allowed .*\n$/)

  cpSync(join(root, 'package-lock.json'), join(directory, 'package-lock.json'))
  t.strictSame([run().status, run().stderr], [0, ''])
})
