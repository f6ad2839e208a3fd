import t from 'tap'
import { TagSourceError } from '../../src/evaluation/index.ts'
import { familiarRepository, parseReferences, type Repository } from '../../src/image/index.ts'
import { createWatching } from '../../src/watching/index.ts'

const minute = 60_000
const [first, second, other] = parseReferences(['org/first', 'org/second', 'org/other'])
if (first === undefined || second === undefined || other === undefined) throw new Error('no repositories')

function setUp(configured: readonly Repository[], held: readonly Repository[] = []) {
  let time = 0
  let timers: { readonly at: number; readonly work: () => void }[] = []
  const looks: string[] = []
  const saved: string[][] = []
  const state: { failure: TagSourceError | undefined } = { failure: undefined }
  const watching = createWatching({
    configured,
    tags: {
      async lookAgain(repository) {
        looks.push(`${time / 1000} ${familiarRepository(repository)}`)
        if (state.failure !== undefined) throw state.failure
        return { tags: 7 }
      },
      holds: repository => held.some(one => one.repository === repository.repository),
    },
    store: { load: async () => [], save: async all => void saved.push(all.map(familiarRepository)) },
    intervalMilliseconds: 30 * minute,
    now: () => time,
    random: () => 0.5,
    later(milliseconds, work) {
      const timer = { at: time + milliseconds, work }
      timers.push(timer)
      return () => void (timers = timers.filter(one => one !== timer))
    },
  })
  const advance = async (milliseconds: number): Promise<void> => {
    const end = time + milliseconds
    for (;;) {
      const next = timers.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= end)
      if (next === undefined) break
      timers = timers.filter(one => one !== next)
      time = next.at
      next.work()
      await new Promise(resolve => setImmediate(resolve))
    }
    time = end
  }
  return { watching, looks, saved, state, advance }
}

t.test('each is looked at soon after the start, and again after the interval', async t => {
  const { watching, looks, advance } = setUp([first])
  await watching.start()
  await advance(61 * minute)
  t.strictSame(looks, ['5 org/first', '1805 org/first', '3605 org/first'])
  t.match(watching.list(), [
    { repository: 'org/first', source: 'configuration', lookedAt: 3_605_000, tags: 7 },
  ])
  watching.close()
  await advance(61 * minute)
  t.equal(looks.length, 3)
})

t.test('a hint has it looked at now, and many hints once a minute', async t => {
  const { watching, looks, advance } = setUp([first], [second])
  await watching.start()
  await advance(5_000)
  for (let at = 0; at < 50; at++) t.equal(watching.hint(first), true)
  await advance(59_000)
  t.strictSame(looks, ['5 org/first'])
  await advance(1_000)
  t.strictSame(looks, ['5 org/first', '65 org/first'], 'and none is lost')
  await advance(10 * minute)
  for (let at = 0; at < 50; at++) t.equal(watching.hint(second), true, 'held and not watched')
  await advance(30_000)
  for (let at = 0; at < 50; at++) watching.hint(second)
  await advance(5 * minute)
  t.strictSame(looks.slice(2), ['665 org/second', '725 org/second'])
  t.equal(watching.hint(other), false, 'neither')
})

t.test('the list is changed, and kept', async t => {
  const { watching, looks, saved, state, advance } = setUp([first])
  await watching.start()
  t.equal(await watching.add(first), 'there')
  t.equal(await watching.add(second), 'added')
  t.equal(await watching.add(second), 'there')
  t.strictSame(saved, [['org/second']])
  state.failure = new TagSourceError('not-found', 'no such repository')
  await advance(5_000)
  t.strictSame(looks, ['5 org/first', '5 org/second'])
  t.match(watching.get(second), { source: 'api', problem: 'no such repository', tags: undefined })
  t.equal(await watching.remove(first), 'configured')
  t.equal(await watching.remove(second), 'removed')
  t.equal(await watching.remove(second), 'none')
  t.equal(saved.length, 2)
  await advance(61 * minute)
  t.equal(looks.filter(look => look.endsWith('second')).length, 1)
  for (let at = 0; at < 999; at++)
    await watching.add({ registry: 'docker.io', repository: `org/image-${at}` })
  t.equal(await watching.add(other), 'full')
})
