import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { crdFiles } from '../../scripts/crd-files.ts'
import { exceptionDefinition, policyDefinition } from '../../scripts/crd-definitions.ts'

const root = join(import.meta.dirname, '../..')
const files = crdFiles()

t.test('manifests/crds and the chart have what the schemas say, and nothing else', async t => {
  for (const folder of ['manifests/crds', 'charts/patchline/files/crds'])
    t.strictSame(
      readdirSync(join(root, folder)).toSorted(),
      files
        .filter(({ path }) => path.startsWith(folder))
        .map(({ path }) => basename(path))
        .toSorted(),
    )
  for (const { path, text } of files)
    t.equal(readFileSync(join(root, path), 'utf8'), text, `${path}: npm run crds writes it`)
})

t.test('a reader of YAML 1.1, as kubectl is, and one of 1.2 read the same', async t => {
  const definitions = [policyDefinition, exceptionDefinition]
  for (const version of ['1.1', '1.2'] as const)
    t.strictSame(
      files.filter(({ path }) => path.startsWith('manifests/')).map(({ text }) => parse(text, { version })),
      definitions,
      version,
    )
})

t.test('each file is far smaller than an object may be', async t => {
  for (const { path, text } of files) t.ok(Buffer.byteLength(text) < 64 * 1024, path)
})

t.test('lines are at most 132 characters long where there is a space to break at', async t => {
  const breakable = /\S \S+ /
  for (const { path, text } of files) {
    const long = text.split('\n').filter(line => line.length > 132)
    t.strictSame(
      long.filter(line => breakable.test(line.trim().replace(/^[\w-]+: /, ''))),
      [],
      path,
    )
  }
})
