import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createCatalog, createDiskStore, readCatalogFile } from '../../../src/catalog/index.ts'
import { TagSourceError } from '../../../src/evaluation/index.ts'
import { textsOf } from '../../../src/version/index.ts'
import { memoryRegistry } from '../../support/registry/registry-fixture.ts'
import { run } from '../run.ts'

const pod = (image: string): string =>
  `apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, image: '${image}'}]}\n`

t.test('tags are exported, and files are scanned and catalogs filled by them', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
  const { host } = registry
  const folder = t.testdir({
    'a.yaml': pod(`${host}/team/app:1.0.0`),
    'b.yaml': pod(`${host}/team/none:1.0.0`),
  })
  const file = join(folder, 'catalog.json')
  const exported = await run([
    'catalog',
    'export',
    join(folder, 'a.yaml'),
    '-f',
    file,
    '--insecure-registry',
    host,
  ])
  t.strictSame(exported, { code: 0, out: '', err: `wrote the tags of 1 repository to ${file}\n` })
  const text = readFileSync(file, 'utf8')
  const asked = registry.requests.length

  await t.test('a scan without a registry', async t => {
    const { code, out } = await run(['scan', folder, '--catalog', file, '-o', 'json'], { [file]: text })
    t.equal(code, 2)
    const [a, b] = out.split('\n').map(line => (line === '' ? {} : JSON.parse(line)))
    t.match(a, { verdict: 'outdated', newest: '1.0.1' })
    t.match(b, {
      verdict: 'unknown',
      reason: 'not-found',
      detail: `${host}/team/none: the catalog file does not have it; export it again with this image`,
    })
    t.equal(registry.requests.length, asked)
  })

  await t.test('the directory of a catalog', async t => {
    const directory = t.testdir()
    const imported = await run(['catalog', 'import', file, '--directory', directory], { [file]: text })
    t.equal(imported.code, 0)
    t.match(imported.err, new RegExp(`^1 repository as of .*Z; wrote them to ${directory}\n$`))
    const store = createDiskStore({ directory, now: Date.now })
    const offline = {
      async listTags(): Promise<never> {
        throw new TagSourceError('unavailable', 'no network')
      },
    }
    const catalog = createCatalog(offline, { now: Date.now, random: Math.random, store })
    await catalog.load()
    const known = await catalog.lookUp({ registry: host, repository: 'team/app' })
    t.strictSame(textsOf(known.learned.list), ['1.0.0', '1.0.1'])
    await catalog.close()
    t.match((await run(['catalog', 'import', file], { [file]: text })).err, 'the file is whole')
  })

  await t.test('what is damaged is refused', async t => {
    const rows: readonly (readonly [text: string, message: string])[] = [
      ['', 'it is no catalog of patchline catalog export'],
      ['{}\n{}\n', 'it is no catalog of patchline catalog export'],
      [text.replace('"version":1', '"version":2'), 'it is a catalog of another version: export it again'],
      [text.replace('1.0.1', '1.0.9'), 'it is damaged: its digest is another one; export or copy it again'],
      [text.slice(0, -5), 'it is damaged: its digest is another one; export or copy it again'],
    ]
    for (const [broken, message] of rows) {
      t.equal(readCatalogFile(broken), message)
      const { code, err } = await run(['scan', folder, '--catalog', 'c'], { c: broken })
      t.strictSame([code, err], [1, `patchline: c: ${message}\n`])
    }
  })

  await t.test('what cannot be had is told, and the rest is written', async t => {
    const { code, err } = await run(['catalog', 'export', folder, '-f', file, '--insecure-registry', host])
    t.equal(code, 3)
    t.match(
      err,
      `patchline: ${host}/team/none: the registry has no such repository; check its name\nwrote the tags of 1 repository to ${file}\n`,
    )
    const none = await run(['catalog', 'export', '-f', file])
    t.strictSame(
      [none.code, none.err],
      [1, 'patchline: no image is named: name files that have some, or --image\n'],
    )
    writeFileSync(file, text)
  })
})
