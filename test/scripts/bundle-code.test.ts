import t from 'tap'
import { acceptedAbsences, acceptedLosses, external, filesIn, lost } from '../../scripts/bundle-code.ts'

function output(imports: readonly { readonly path: string; readonly external?: boolean }[]) {
  return {
    'bundle/main.js': {
      bytes: 1,
      exports: [],
      inputs: {},
      imports: imports.map(each => ({ kind: 'import-statement' as const, ...each })),
    },
  }
}

const [absent = ''] = acceptedAbsences.keys()

for (const [path, isExternal, problem] of [
  ['bundle/chunks/one.js', false, undefined],
  ['node:fs', true, undefined],
  ['fs/promises', true, undefined],
  [absent, true, undefined],
  ['undici', true, 'bundle/main.js: undici is not in the bundle'],
  ['undici/types', true, 'bundle/main.js: undici/types is not in the bundle'],
] as const)
  t.test(`an import of ${path}`, async t => {
    t.strictSame(
      external({ outputs: output([{ path, external: isExternal }]) }),
      problem === undefined ? [] : [problem],
    )
  })

function warning(file: string) {
  const place = { namespace: '', line: 1, column: 1, length: 1, lineText: '', suggestion: '' }
  return { text: 'not bundled', location: { ...place, file } }
}

t.test('a warning is an error, but for those that were looked at', async t => {
  t.strictSame(lost([warning('node_modules/left/index.js')]), ['node_modules/left/index.js: not bundled'])
  t.strictSame(lost([{ text: 'elsewhere', location: null }]), ['esbuild: elsewhere'])
  t.strictSame(lost(acceptedLosses.map(({ file }) => warning(`../${file}`))), [])
})

t.test('a file of which nothing is left is not in a bundle', async t => {
  const inputs = { 'src/a.ts': { bytesInOutput: 0 }, 'src/b.ts': { bytesInOutput: 1 } }
  const part = { bytes: 1, exports: [], imports: [] }
  t.strictSame(filesIn({ outputs: { one: { ...part, inputs }, two: { ...part, inputs } } }), ['src/b.ts'])
})
