import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { blocksOf, commandsOf, pages, root, textOf } from './commands.ts'
import { inProcess } from './in-process.ts'
import { howToRun, registered } from './registered.ts'
import { pagesBy, runPage, surroundings, writeFilesOf } from './shell.ts'
import { repositories } from './registry.ts'

// Every command that a page shows is run: here, by test/cluster/docs.test.ts, or by a test that the table of `registered.ts` names.

const all = pages.flatMap(blocksOf).flatMap(commandsOf)

t.test('every command says how it is run: test/docs/registered.ts has a row for it', async t => {
  for (const command of all)
    t.not(howToRun(command), undefined, `${command.page}:${command.line}: ${command.text}`)
})

t.test('every row is about a command', async t => {
  for (const row of registered) {
    const [page, beginning, how] = row
    const commands = all.filter(command => command.page === page && command.text.startsWith(beginning))
    t.ok(
      commands.some(command => howToRun(command) === how),
      `${page}: ${beginning}`,
    )
  }
})

t.test('every test that a row names has what the row says', async t => {
  for (const [page, beginning, how] of registered) {
    if (how.by !== 'test') continue
    t.ok(existsSync(join(root, how.file)), how.file)
    t.match(textOf(how.file), how.text, `${page}: ${beginning}`)
  }
})

t.test('the commands that need no cluster', async t => {
  const registry = await startMemoryRegistry({ repositories })
  t.teardown(() => registry.close())
  const hosts = ['docker.io', 'quay.io', 'ghcr.io', 'registry.k8s.io']
  const registries = hosts.map(host => ({ host, endpoint: registry.origin, insecure: true }))
  const patchline = await inProcess(t)
  const configuration = JSON.stringify({ registries })
  for (const page of pagesBy('stage'))
    await t.test(page, async t => {
      const directory = t.testdir()
      writeFilesOf(page, directory, registry.origin)
      const where = surroundings({ directory, patchline, configuration })
      await runPage(t, page, { by: 'stage', in: where })
    })
})
