import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { writeAtomically } from '../../../src/catalog/disk/cache-directory.ts'
import { createWriteBehind } from '../../../src/catalog/disk/disk-store.ts'
import type { StoreProblems } from '../../../src/catalog/disk/store.ts'
import {
  createCatalog,
  createDiskStore,
  type CatalogOptions,
  type DiskStoreOptions,
  type StoreProblem,
} from '../../../src/catalog/index.ts'
import { portError } from '../../support/registry/registry-fixture.ts'
import {
  app,
  failed,
  hour,
  listing,
  minute,
  settle,
  setUp,
  start,
  tagsIn,
  type Answer,
} from '../fake-source.ts'

const day = 24 * hour

interface Process {
  readonly directory: string
  readonly answer: Answer
  readonly at?: number
  readonly store?: Partial<DiskStoreOptions>
  readonly options?: Partial<CatalogOptions>
}

// A process that starts with what another has left.
function started({ directory, answer, at = start, store: settings = {}, options = {} }: Process) {
  const problems: StoreProblem[] = []
  const clock = { now: at }
  const now = () => clock.now
  const store = createDiskStore({ directory, now, onProblem: problem => problems.push(problem), ...settings })
  const ran = setUp(answer, { ...options, now, store })
  return { ...ran, clock, store, problems }
}

async function filesIn(directory: string): Promise<readonly string[]> {
  return (await readdir(join(directory, 'v1'))).toSorted()
}

async function stop({ catalog }: { readonly catalog: { close(): Promise<void> } }): Promise<void> {
  await catalog.close()
}

t.test('a restart during an outage loses nothing', async t => {
  const directory = t.testdir()
  const first = started({ directory, answer: listing(['1.0', '1.1'], { validator: 'a' }) })
  first.digests.set('1.0', { digest: 'sha256:a', platforms: new Map([['linux/amd64', 'sha256:b']]) })
  await first.catalog.lookUp(app)
  await first.catalog.digest({ ...app, tag: '1.0' })
  await first.catalog.digest({ ...app, tag: '1.1' })
  first.say(['1.0', '1.1', '1.2'])
  first.clock.now += 2 * hour
  first.catalog.known(app)
  await settle()
  const seen = first.clock.now
  await stop(first)
  t.equal((await filesIn(directory)).length, 1)

  for (const load of [false, true]) {
    const second = started({ directory, answer: failed('unavailable'), at: seen + hour })
    for (const tag of ['1.0', '1.1']) second.digests.set(tag, failed('unavailable'))
    if (load) await second.catalog.load()
    else t.equal(second.catalog.known(app), undefined)
    const known = load ? second.catalog.known(app) : await second.catalog.lookUp(app)
    t.match(known, { age: hour, stale: false, learned: { list: { length: 2 } } })
    t.same(tagsIn(known?.learned), ['1.0', '1.2'])
    t.equal(known?.firstSeen?.('1.2'), Math.floor(seen / 1000) * 1000)
    t.equal(known?.firstSeen?.('1.0'), undefined)
    t.match(second.catalog.knownDigest({ ...app, tag: '1.0' }), {
      digest: { digest: 'sha256:a', platforms: new Map([['linux/amd64', 'sha256:b']]) },
      age: 3 * hour,
    })
    second.clock.now = seen + day + 1
    t.match(second.catalog.known(app), { stale: true })
    t.match(await second.catalog.lookUp(app), { stale: true })
    await settle()
    t.ok(second.asked.length <= 1)
    t.same(second.problems, [])
    await stop(second)
  }
})

t.test('since when a tag has stood for its digest is known after a restart', async t => {
  const directory = t.testdir()
  const first = started({ directory, answer: ['1.0', '1.1'] })
  const [moved, still] = ['1.1', '1.0'].map(tag => ({ ...app, tag, told: true }))
  if (moved === undefined || still === undefined) return
  for (const tag of ['1.0', '1.1']) first.digests.set(tag, { digest: 'sha256:a', platforms: 'one' })
  const began = first.clock.now
  await first.catalog.lookUp(app)
  await first.catalog.digest(moved)
  await first.catalog.digest(still)
  first.digests.set('1.1', { digest: 'sha256:b', platforms: 'one' })
  first.clock.now += 2 * hour
  first.catalog.knownDigest(moved)
  await settle()
  const since = first.clock.now
  t.match(first.catalog.knownDigest(moved), { digest: { digest: 'sha256:b' }, since })
  await stop(first)
  const second = started({ directory, answer: failed('unavailable'), at: since + hour })
  await second.catalog.load()
  t.match(second.catalog.knownDigest(moved), { digest: { digest: 'sha256:b' }, since })
  t.equal(second.catalog.knownDigest(still)?.since, undefined)
  t.equal(second.catalog.known(app)?.knownSince, began)
  await stop(second)
})

t.test('what is overdue is refreshed spread out', async t => {
  const directory = t.testdir()
  const names = Array.from({ length: 30 }, (_, n) => ({ ...app, repository: `team/${n}` }))
  const first = started({ directory, answer: ['1.0'] })
  for (const name of names) await first.catalog.lookUp(name)
  await stop(first)
  let n = 0
  const random = () => (n++ % 30) / 30
  const second = started({ directory, answer: ['1.0'], at: start + 12 * hour, options: { random } })
  await second.catalog.load()
  t.equal(second.catalog.size().repositories, 30)
  t.equal(second.catalog.size().oldestAge, 12 * hour)
  const asked: number[] = []
  for (let passed = 0; passed <= 10; passed += 2) {
    second.clock.now = start + 12 * hour + passed * minute
    for (const name of names) second.catalog.known(name)
    await settle()
    asked.push(second.asked.length)
  }
  t.same(asked, [1, 7, 13, 19, 25, 30])
  await stop(second)
})

t.test('no more is loaded than memory may hold; the rest is there when it is asked for', async t => {
  const directory = t.testdir()
  const first = started({ directory, answer: ['1.0'] })
  for (let n = 0; n < 10; n++) await first.catalog.lookUp({ ...app, repository: `team/${n}` })
  await stop(first)
  const files = await filesIn(directory)
  for (const [at, file] of files.entries()) await utimes(join(directory, 'v1', file), at, start / 1000 + at)
  const second = started({ directory, answer: failed('unavailable'), options: { tags: 510 } })
  await second.catalog.load()
  t.equal(second.catalog.size().repositories, 5)
  for (let n = 0; n < 10; n++)
    t.equal((await second.catalog.lookUp({ ...app, repository: `team/${n}` })).learned.list.length, 1)
  await stop(second)
})

t.test('what was had with a secret is on no disk', async t => {
  const directory = t.testdir()
  const { catalog } = started({ directory, answer: listing(['1.0'], { shared: false }) })
  const credentials = [{ username: 'robot', password: 'a secret', origin: 'o' }]
  const access = { namespace: 'a', credentialsFor: () => credentials, problems: [] }
  await catalog.lookUp({ ...app, access })
  await catalog.digest({ ...app, tag: '1.0', access })
  await catalog.close()
  t.same(await filesIn(directory), [])
})

async function leave(directory: string): Promise<string> {
  const first = started({ directory, answer: ['1.0'] })
  await first.catalog.lookUp(app)
  await stop(first)
  return join(directory, 'v1', (await filesIn(directory))[0] ?? '')
}

t.test('a file that is damaged is removed and counted, one of another version is left alone', async t => {
  const rows: readonly (readonly [string, (content: Buffer) => Buffer, StoreProblem['kind'], number])[] = [
    ['a bit', content => content.fill((content.at(-1) ?? 0) ^ 1, content.length - 1), 'corrupt', 0],
    ['cut', content => content.subarray(0, 100), 'corrupt', 0],
    ['empty', () => Buffer.alloc(0), 'corrupt', 0],
    ['another version', content => content.fill(9, 8, 9), 'other-version', 1],
  ]
  for (const [what, damage, kind, left] of rows) {
    for (const load of [false, true]) {
      const directory = t.testdir()
      const file = await leave(directory)
      await writeFile(file, damage(await readFile(file)))
      const second = started({ directory, answer: failed('unavailable') })
      if (load) await second.catalog.load()
      t.equal((await portError(second.catalog.lookUp(app))).code, 'unavailable', what)
      t.match(second.problems, [{ kind, file, repeated: false }], what)
      t.equal(second.problems.length, 1)
      t.equal((await filesIn(directory)).length, left, what)
      await stop(second)
    }
  }
})

t.test('a file under the name of another repository is not believed', async t => {
  const directory = t.testdir()
  const file = await leave(directory)
  const content = await readFile(file)
  const other = { ...app, repository: 'team/other' }
  const first = started({ directory, answer: ['2.0'] })
  await first.catalog.lookUp(other)
  await stop(first)
  for (const name of await filesIn(directory)) await writeFile(join(directory, 'v1', name), content)
  const second = started({ directory, answer: failed('unavailable') })
  await second.catalog.load()
  t.equal(second.catalog.size().repositories, 1)
  t.equal((await portError(second.catalog.lookUp(other))).code, 'unavailable')
  await stop(second)
})

t.test(
  'a directory that cannot be used: it runs from memory, tells it once, and writes when it can',
  async t => {
    const parent = t.testdir({ blocked: 'a file, where a directory should be' })
    const directory = join(parent, 'blocked')
    const first = started({ directory, answer: ['1.0'] })
    await first.catalog.load()
    t.equal((await first.catalog.lookUp(app)).learned.list.length, 1)
    await until(() => first.problems.some(({ kind }) => kind === 'unwritable'))
    t.match(
      first.problems.map(({ kind, repeated }) => [kind, repeated]),
      [
        ['unreadable', false],
        ['unwritable', false],
      ],
    )
    t.match(first.problems[1]?.message, /EEXIST|ENOTDIR/)
    await rm(directory)
    await stop(first)
    t.equal((await filesIn(directory)).length, 1, 'the last try is at the end')
    t.equal(first.problems.length, 2)

    const blocked = join(t.testdir({ blocked: '' }), 'blocked')
    const second = started({ directory: blocked, answer: ['1.0'] })
    await second.catalog.lookUp(app)
    await stop(second)
    t.same(
      second.problems.slice(-1).map(({ kind, message }) => [kind, message]),
      [['unsaved', '1 repositories were not written before the end; they are asked for again']],
    )
  },
)

t.test('old files and what was left unfinished are removed, files of others are not', async t => {
  const directory = t.testdir()
  const file = await leave(directory)
  const place = join(directory, 'v1')
  const id = '00000000-0000-4000-8000-000000000000'
  const unfinished = `${file}.${id}.unfinished`
  const fresh = `${file.replace(/.{8}\.tags$/, '00000000.tags')}.${id}.unfinished`
  for (const path of [unfinished, fresh, join(place, 'notes.txt')]) await writeFile(path, '')
  for (const path of [unfinished, join(place, 'notes.txt')]) await utimes(path, 1, start / 1000 - 7200)
  await utimes(fresh, 1, start / 1000 - 60)
  await utimes(file, 1, (start - 29 * day) / 1000)
  const store = createDiskStore({ directory, now: () => start })
  await store.open()
  t.equal(store.has('r.example/team/app'), true)
  t.equal((await filesIn(directory)).length, 3)
  await utimes(file, 1, (start - 31 * day) / 1000)
  const later = createDiskStore({ directory, now: () => start })
  await later.open()
  t.equal(later.has('r.example/team/app'), false)
  t.same(await filesIn(directory), [fresh.slice(place.length + 1), 'notes.txt'].toSorted())
})

t.test('all files together take so much and no more', async t => {
  const directory = t.testdir()
  const first = started({ directory, answer: ['1.0'], store: { maximumBytes: 2000 } })
  for (let n = 0; n < 20; n++) await first.catalog.lookUp({ ...app, repository: `team/${n}` })
  await stop(first)
  const kept = (await filesIn(directory)).length
  t.ok(kept >= 3 && kept <= 8, `${kept} files`)
  t.ok(first.store.has('r.example/team/19'), 'the newest')
  const second = createDiskStore({ directory, now: () => start, maximumBytes: 600 })
  await second.open()
  t.ok((await filesIn(directory)).length <= 2)
})

t.test('two processes on one directory', async t => {
  const directory = t.testdir()
  const both = [['1.0'], ['1.0', '1.1']].map(tags => started({ directory, answer: tags }))
  for (let n = 0; n < 20; n++)
    await Promise.all(both.map(({ catalog }) => catalog.lookUp({ ...app, repository: `team/${n}` })))
  await Promise.all(both.map(stop))
  const third = started({ directory, answer: failed('unavailable') })
  await third.catalog.load()
  t.equal(third.catalog.size().repositories, 20)
  t.same(third.problems, [])
  t.equal((await filesIn(directory)).length, 20)
})

t.test('a disk that does not answer is not waited for', async t => {
  const { catalog, timers } = setUp(['1.0'], {
    store: {
      open: () => new Promise(() => {}),
      has: () => true,
      load: () => new Promise(() => {}),
      async *all() {},
      save() {},
      close: async () => {},
    },
  })
  const known = catalog.lookUp(app)
  await settle()
  for (const timer of timers) timer.work()
  t.equal((await known).learned.list.length, 1)
})

t.test('a file that goes, and a directory that is not to be read', async t => {
  const directory = t.testdir()
  const file = await leave(directory)
  const second = started({ directory, answer: failed('unavailable') })
  await second.store.open()
  await rm(file)
  await mkdir(file)
  t.equal((await portError(second.catalog.lookUp(app))).code, 'unavailable')
  t.match(second.problems, [{ kind: 'unreadable', file, message: /EISDIR/ }])
})

t.test('a write that fails leaves nothing behind', async t => {
  const directory = t.testdir({ 'a.tags': { inside: '' } })
  await t.rejects(writeAtomically(directory, 'a.tags', Buffer.from('x')), { code: 'EISDIR' })
  t.same(await readdir(directory), ['a.tags'])
})

t.test('timers of its own, where it is given none', async t => {
  const directory = t.testdir()
  const { source } = setUp(['1.0'])
  const clock = { now: () => start, random: () => 0.5 }
  const first = createCatalog(source, { ...clock, store: createDiskStore({ directory, now: clock.now }) })
  await first.lookUp(app)
  await first.close()
  const second = createCatalog(source, { ...clock, store: createDiskStore({ directory, now: clock.now }) })
  await Promise.all([second.lookUp(app), second.lookUp(app), second.load()])
  t.equal(second.known(app)?.learned.list.length, 1)
  const loading = second.load()
  await second.close()
  await loading
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

const problems: StoreProblems = { add: () => {}, solved: () => {} }

t.test('what is newer is written last, also at the end and where the older write is slow', async t => {
  const written: string[] = []
  const writes = createWriteBehind<string>({
    directory: 'd',
    problems,
    async write(_key, value) {
      await sleep(value === 'old' ? 50 : 0)
      written.push(value)
    },
  })
  writes.add('key', 'old')
  await sleep(1)
  writes.add('key', 'new')
  await writes.close()
  t.strictSame(written, ['old', 'new'])
})
