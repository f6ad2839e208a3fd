import t from 'tap'

import { createTokenCache } from '../../src/registry/token-cache.ts'

t.test('at most a thousand tokens, the oldest go', t => {
  const tokens = createTokenCache(() => 0)
  for (let n = 0; n <= 1000; n++) tokens.set(`key ${n}`, `token ${n}`, 60_000)
  t.equal(tokens.get('key 0'), undefined)
  t.equal(tokens.get('key 1'), 'token 1')
  t.equal(tokens.get('key 1000'), 'token 1000')
  t.end()
})

t.test('a token ends ten seconds early, and a short one is not kept', t => {
  let now = 0
  const tokens = createTokenCache(() => now)
  tokens.set('a', 'long', 60_000)
  tokens.set('b', 'short', 10_000)
  t.equal(tokens.get('b'), undefined)
  now = 49_999
  t.equal(tokens.get('a'), 'long')
  now = 50_000
  t.equal(tokens.get('a'), undefined)
  tokens.set('a', 'new', 60_000)
  tokens.delete('a')
  t.equal(tokens.get('a'), undefined)
  t.end()
})
