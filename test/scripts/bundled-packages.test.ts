import t from 'tap'
import { licensesOf, packagesOf } from '../../scripts/bundled-packages.ts'
import type { LockedPackage } from '../../scripts/lockfile.ts'

function locked(path: string, entry: Partial<LockedPackage> = {}): LockedPackage {
  return {
    path,
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: '1.0.0',
    license: 'MIT',
    resolved: undefined,
    integrity: undefined,
    hasInstallScript: false,
    isRuntime: true,
    ...entry,
  }
}

const left = locked('node_modules/left')
const inner = locked('node_modules/left/node_modules/@scope/inner', { version: '2.0.0' })
const outer = locked('node_modules/@scope/inner')
const tool = locked('node_modules/tool', { isRuntime: false })
const all = [left, inner, outer, tool]

for (const [name, files, packages] of [
  ['nothing', [], []],
  ['the program itself', ['src/main.ts'], []],
  ['two files of one', ['node_modules/left/a.js', 'node_modules/left/lib/b.js'], [left]],
  ['one within another', ['node_modules/left/node_modules/@scope/inner/a.js'], [inner]],
  ['by name', ['node_modules/left/a.js', 'node_modules/@scope/inner/a.js'], [outer, left]],
  ['from a node_modules elsewhere', ['../up/node_modules/left/a.js'], [left]],
] as const)
  t.test(`the packages of files: ${name}`, async t => t.strictSame(packagesOf(files, all), packages))

t.test('a package that is not there without development dependencies', async t => {
  t.throws(() => packagesOf(['node_modules/tool/a.js'], all), {
    message: 'node_modules/tool is in the bundle, and a development dependency',
  })
  t.throws(() => packagesOf(['node_modules/right/a.js'], all), {
    message: 'node_modules/right is in the bundle and not in package-lock.json',
  })
})

t.test('licences are passed on whole', async t => {
  const root = t.testdir({
    node_modules: {
      left: { LICENSE: 'Be kind.\n', NOTICE: 'Left was here.\n', 'license.js': 'x' },
      '@scope': { inner: { 'package.json': '{"author":"Ann <ann@acme.test>"}' } },
      right: { 'package.json': '{"author":"Ann"}' },
    },
  })
  t.match(
    licensesOf(root, [left, outer]),
    /^left 1\.0\.0 \(MIT\)\n\nBe kind\.\n\nLeft was here\.\n\n-{80}\n\n@scope\/inner 1\.0\.0 \(MIT\)\n\nMIT License\n\nCopyright \(c\) Ann <ann@acme\.test>\n/,
  )
  const right = locked('node_modules/right', { license: 'ISC' })
  t.throws(() => licensesOf(root, [right]), {
    message: 'right is in the bundle and has no file with the text of its licence',
  })
})
