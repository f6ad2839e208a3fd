import t from 'tap'

import type { Urgency } from '../../../src/evaluation/index.ts'
import { createTokenCache, type TokenCache } from '../../../src/registry/auth/token-cache.ts'
import { readToken, refusalStatus } from '../../../src/registry/auth/token-server.ts'

const never = new AbortController().signal

interface BudgetClaim {
  readonly key?: string
  readonly urgency?: Urgency
  readonly rejected?: string
  readonly expiresIn?: number
  readonly signal?: AbortSignal
}

/** A cache whose tokens are numbered in the order in which they were asked for. */
function numbered(now: () => number = () => 0) {
  const tokens: TokenCache = createTokenCache(now)
  let asked = 0
  return {
    tokens,
    asked: () => asked,
    async obtain({
      key = 'key',
      urgency = 'refresh',
      rejected,
      expiresIn = 60_000,
      signal = never,
    }: BudgetClaim = {}) {
      const ask = async () => {
        const token = String(++asked)
        await new Promise(resolve => setImmediate(resolve))
        return { token, expiresIn }
      }
      return tokens.obtain({ key, urgency, rejected, ask }, signal)
    },
  }
}

t.test('at most ten thousand tokens, the oldest go', async t => {
  const cache = numbered()
  for (let n = 0; n <= 10_000; n++) await cache.obtain({ key: `key ${n}` })
  t.same(await cache.obtain({ key: 'key 1' }), { token: '2', fresh: false })
  t.same(await cache.obtain({ key: 'key 10000' }), { token: '10001', fresh: false })
  t.same(await cache.obtain({ key: 'key 0' }), { token: '10002', fresh: true })
})

t.test('a token ends ten seconds early, and a short one is not kept', async t => {
  let now = 0
  const cache = numbered(() => now)
  await cache.obtain()
  now = 49_999
  t.same(await cache.obtain(), { token: '1', fresh: false })
  now = 50_000
  t.same(await cache.obtain({ expiresIn: 10_000 }), { token: '2', fresh: true })
  t.same(await cache.obtain(), { token: '3', fresh: true })
  cache.tokens.forget('key', '2')
  t.same(await cache.obtain(), { token: '3', fresh: false })
  cache.tokens.forget('key', '3')
  t.same(await cache.obtain(), { token: '4', fresh: true })
})

t.test('a rejected token is not given again', async t => {
  const cache = numbered()
  await cache.obtain()
  t.same(await cache.obtain({ rejected: 'another' }), { token: '1', fresh: false })
  t.same(await cache.obtain({ rejected: '1' }), { token: '2', fresh: true })
  t.same(await cache.obtain({ rejected: '1' }), { token: '2', fresh: false })
})

t.test('at once: one request for each key, and an admission does not wait for a refresh', async t => {
  const cache = numbered()
  const all = await Promise.all([
    ...Array.from({ length: 20 }, () => cache.obtain()),
    cache.obtain({ key: 'other' }),
    cache.obtain({ urgency: 'admission' }),
  ])
  t.equal(cache.asked(), 3)
  t.same(
    all.map(({ token }) => token),
    [...Array.from({ length: 20 }, () => '1'), '2', '3'],
  )
})

t.test(
  'at once: who is less urgent waits for the request of who is more urgent, and never the other way round',
  async t => {
    const rows = [
      ['admission', 'first-look-up', 1],
      ['admission', 'refresh', 1],
      ['first-look-up', 'refresh', 1],
      ['refresh', 'refresh', 1],
      ['refresh', 'first-look-up', 2],
      ['refresh', 'admission', 2],
      ['first-look-up', 'admission', 2],
    ] as const
    for (const [first, second, requests] of rows) {
      const cache = numbered()
      const both = await Promise.all([cache.obtain({ urgency: first }), cache.obtain({ urgency: second })])
      t.equal(cache.asked(), requests, `${first}, then ${second}`)
      t.same(both, [
        { token: '1', fresh: true },
        { token: String(requests), fresh: true },
      ])
    }
  },
)

t.test('a refresh keeps the request of an admission that gives up', async t => {
  const cache = numbered()
  const reviewing = new AbortController()
  const admission = cache.obtain({ urgency: 'admission', signal: reviewing.signal })
  const refresh = cache.obtain()
  reviewing.abort(new Error('too late'))
  await t.rejects(admission, { message: 'too late' })
  t.same(await refresh, { token: '1', fresh: true })
  t.equal(cache.asked(), 1)
})

t.test('a failure is told to all who wait, and not kept', async t => {
  const tokens = createTokenCache(() => 0)
  let asked = 0
  const ask = async () => {
    if (++asked === 1) throw new Error('no answer')
    return { token: 'a', expiresIn: 60_000 }
  }
  const wanted = { key: 'key', urgency: 'refresh', rejected: undefined, ask } as const
  const both = [tokens.obtain(wanted, never), tokens.obtain(wanted, never)]
  for (const one of both) await t.rejects(one, { message: 'no answer' })
  t.same(await tokens.obtain(wanted, never), { token: 'a', fresh: true })
})

const url = new URL('https://auth.example/token')
const answer = (body: unknown, date?: string) => ({
  url,
  status: 200,
  headers: { date },
  body: Buffer.from(JSON.stringify(body)),
})

t.test('how long a token holds', t => {
  const date = 'Sat, 21 Nov 2026 10:00:00 GMT'
  const rows = [
    [{ expires_in: 300 }, date, 300_000],
    [{}, date, 60_000],
    [{ expires_in: 0 }, date, 60_000],
    [{ expires_in: 'long' }, date, 60_000],
    [{ expires_in: 1e9 }, date, 3_600_000],
    [{ expires_in: 300, issued_at: '2026-11-21T10:00:00Z' }, date, 300_000],
    [{ expires_in: 300, issued_at: '2026-11-21T09:56:00Z' }, date, 60_000],
    [{ expires_in: 300, issued_at: '2026-11-21T11:56:00.123+02:00' }, date, 60_123],
    [{ expires_in: 300, issued_at: '2026-11-21T09:00:00Z' }, date, -3_300_000],
    [{ expires_in: 300, issued_at: '2026-11-21T10:05:00Z' }, date, 300_000],
    [{ expires_in: 300, issued_at: 'yesterday' }, date, 300_000],
    [{ expires_in: 300, issued_at: 7 }, date, 300_000],
    [{ expires_in: 300, issued_at: '2020-01-01T00:00:00Z' }, undefined, 300_000],
  ] as const
  for (const [body, at, expiresIn] of rows)
    t.same(readToken(answer({ token: 'a', ...body }, at)), { token: 'a', expiresIn }, JSON.stringify(body))
  t.end()
})

t.test('what refuses the credentials, and what does not', t => {
  const rows = [
    [200, undefined, undefined],
    [400, undefined, 400],
    [401, 401, 401],
    [403, 403, 403],
    [404, undefined, 404],
    [405, undefined, 405],
    [429, undefined, undefined],
    [500, undefined, undefined],
  ] as const
  for (const [status, asked, exchanged] of rows) {
    const reply = { url, status, headers: {}, body: Buffer.alloc(0) }
    t.equal(refusalStatus(reply, false), asked)
    t.equal(refusalStatus(reply, true), exchanged)
  }
  t.end()
})
