import { Agent } from 'node:https'
import t from 'tap'
import { startWebhook } from '../http/webhook/webhook-fixture.ts'
import { answerableUid, bodyOf, fuzz } from '../support/admission/fuzz.ts'
import { reviewersToPick } from '../support/admission/random-reviewers.ts'
import { seeded } from '../support/random/seeded.ts'

// Twenty seconds of `npm run fuzz`, each time with another seed: a fault names the case, by which it can be had again.

const seed = Date.now() % 2 ** 31

t.test('fifteen seconds of broken bodies', async t => {
  const { cases, answered, slowest, faults } = await fuzz({ seed, milliseconds: 15_000 })
  t.comment(`seed ${seed}: ${cases} bodies, ${answered} answered, the slowest in ${slowest.toFixed(0)} ms`)
  t.strictSame(faults, [], `again: npm run fuzz -- --seed ${seed} --case N`)
  t.ok(answered > 100 && cases - answered > 100, 'both kinds of bodies')
})

t.test('five seconds of them through the server', async t => {
  const [reviewer, agent] = [reviewersToPick(), new Agent({ keepAlive: true })]
  t.teardown(() => agent.destroy())
  let reviews = 0
  const { ask, recorded, logged } = await startWebhook(t, {
    review: async request => (await reviewer(seeded(seed, reviews++)).validate(request, 800)).response,
  })
  const end = performance.now() + 5_000
  for (let at = 0; performance.now() < end; at++) {
    const body = bodyOf(seeded(seed, at))
    const uid = answerableUid(body)
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, over one connection
    const { status, text } = await ask({ body, agent })
    const isRight = status === 200 ? hasUid(text, uid) : status === 400 && uid === undefined
    if (!isRight) t.fail(`${status} ${text}; again: npm run fuzz -- --seed ${seed} --case ${at}`)
  }
  t.comment(`${recorded.length} bodies`)
  t.strictSame(logged, [], 'nothing failed')
})

/** Whether an answer has that uid, or any where another reading of the body found none. */
function hasUid(text: string, uid: string | undefined): boolean {
  const answer: unknown = JSON.parse(text).response.uid
  return uid === undefined ? typeof answer === 'string' && answer !== '' : answer === uid
}
