import t from 'tap'
import { createBehindSince } from '../../../src/app/parts/behind-since.ts'
import { parseReference } from '../../../src/image/index.ts'

const nginx = parseReference('nginx:1.25.1')
const text = (since: number) =>
  JSON.stringify({ format: 1, ages: [['docker.io/library/nginx:1.25.1 patch', false, since]] })

const settled = () => new Promise(resolve => setImmediate(resolve))

/** A store with these answers in turn, and a clock that is set. */
function stage(...answers: readonly (string | Error)[]) {
  const left = [...answers]
  const warnings: unknown[] = []
  const clock = { now: 0 }
  let loads = 0
  const since = createBehindSince({
    store: {
      async load() {
        loads++
        const answer = left.shift()
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    log: { warn: fields => void warnings.push(fields) },
    now: () => clock.now,
  })
  return { since, clock, warnings, loads: () => loads }
}

t.test('what the cluster remembers is read when it is asked for, and again after five minutes', async t => {
  const { since, clock, loads } = stage(text(7), text(5))
  t.equal(loads(), 0)
  t.equal(since(nginx, 'patch'), undefined, 'nobody waits for it')
  await settled()
  t.equal(since(nginx, 'patch'), 7)
  t.equal(since(nginx, 'minor'), undefined)
  t.equal(since(parseReference('nginx@sha256:' + 'a'.repeat(64)), 'patch'), undefined)
  clock.now = 299_999
  since(nginx, 'patch')
  t.equal(loads(), 1)
  clock.now = 300_000
  since(nginx, 'patch')
  await settled()
  t.equal(since(nginx, 'patch'), 5)
  t.equal(loads(), 2)
})

t.test('what cannot be read is told, and what was known holds', async t => {
  const { since, clock, warnings } = stage(text(7), new Error('forbidden'), 'no JSON')
  since(nginx, 'patch')
  await settled()
  for (const at of [300_000, 600_000]) {
    clock.now = at
    since(nginx, 'patch')
    await settled()
    t.equal(since(nginx, 'patch'), 7)
  }
  t.match(warnings, [{ reason: 'forbidden' }, { reason: 'the ages of images are not JSON' }])
})
