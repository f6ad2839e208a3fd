import { assert, json, property, string } from 'fast-check'
import t from 'tap'

import { readDockerConfig } from '../../../src/registry/credentials/docker-config.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const config = (auths: unknown, more: object = {}): string => JSON.stringify({ auths, ...more })
const secret = 'hunter2-s3cret'

t.test('names and passwords, in every way they are written', t => {
  const rows: readonly (readonly [entry: unknown, username: string, password: string])[] = [
    [{ auth: base64('robot:secret') }, 'robot', 'secret'],
    [{ auth: base64('robot:se:cr:et') }, 'robot', 'se:cr:et'],
    [{ auth: base64('robot:secret').replaceAll('=', '') }, 'robot', 'secret'],
    [{ auth: `${base64('robot:secret')}\n` }, 'robot', 'secret'],
    [{ auth: base64('robot:secret\0\0') }, 'robot', 'secret'],
    [{ auth: base64('robot:') }, 'robot', ''],
    [{ auth: base64('röbot:sécret') }, 'röbot', 'sécret'],
    [{ username: 'robot', password: 'secret', email: 'a@b.example' }, 'robot', 'secret'],
    [{ username: 'old', password: 'old', auth: base64('robot:secret') }, 'robot', 'secret'],
    [{ username: 'robot', password: 'secret', auth: '' }, 'robot', 'secret'],
    [{ username: 'robot', password: 7 }, 'robot', ''],
    [{ auth: base64('<token>:secret') }, '<token>', 'secret'],
  ]
  for (const [entry, username, password] of rows) {
    const read = readDockerConfig(config({ 'ghcr.io': entry }), 'test')
    t.same(read.entries, [{ key: 'ghcr.io', credentials: { username, password, origin: 'test' } }])
    t.same(read.problems, [])
  }
  t.end()
})

t.test('tokens', t => {
  const read = readDockerConfig(
    config({
      'a.example': { identitytoken: 'refresh' },
      'b.example': { auth: base64('robot:secret'), identitytoken: 'refresh' },
      'c.example': { registrytoken: 'bearer' },
      'd.example': { auth: base64(':'), identitytoken: 'refresh' },
    }),
    'test',
  )
  const nobody = { username: '', password: '', origin: 'test' }
  t.same(
    read.entries.map(({ credentials }) => credentials),
    [
      { ...nobody, identityToken: 'refresh' },
      { username: 'robot', password: 'secret', origin: 'test', identityToken: 'refresh' },
      { ...nobody, registryToken: 'bearer' },
      { ...nobody, identityToken: 'refresh' },
    ],
  )
  t.same(read.problems, [])
  t.end()
})

t.test('the old format has the entries alone', t => {
  const read = readDockerConfig(JSON.stringify({ 'ghcr.io': { auth: base64('a:b') } }), 'test', 'plain')
  t.same(read.entries, [{ key: 'ghcr.io', credentials: { username: 'a', password: 'b', origin: 'test' } }])
  t.end()
})

t.test('what is of no use is a problem that names the key and nothing secret', t => {
  const noAuth = 'has an auth that is not the base64 of name:password'
  const rows: readonly (readonly [text: string, problem: string | undefined])[] = [
    ['', 'it is not JSON'],
    [`{"auths":{"ghcr.io":{"auth":"${secret}"`, 'it is not JSON'],
    [base64(config({ 'ghcr.io': { auth: base64(`a:${secret}`) } })), 'it is not JSON'],
    ['[]', 'it is JSON, but not an object'],
    ['null', 'it is JSON, but not an object'],
    ['{"auths":[]}', 'auths is not an object'],
    ['{"auths":{}}', undefined],
    ['{}', undefined],
    [config({ 'ghcr.io': {} }), undefined],
    [config({ 'ghcr.io': secret }), 'the entry "ghcr.io" is not an object'],
    [config({ 'ghcr.io': null }), 'the entry "ghcr.io" is not an object'],
    [config({ 'ghcr.io': { auth: `${secret}!` } }), `the entry "ghcr.io" ${noAuth}`],
    [config({ 'ghcr.io': { auth: base64(secret) } }), `the entry "ghcr.io" ${noAuth}`],
    [config({ 'ghcr.io': { auth: base64(`:${secret}`) } }), 'the entry "ghcr.io" has no user name'],
    [config({ 'ghcr.io': { password: secret } }), 'the entry "ghcr.io" has no user name'],
    [
      config({ 'ghcr.io': { registrytoken: `${secret}\r\nx: y` } }),
      'the entry "ghcr.io" has a registrytoken that no header can carry',
    ],
    [
      config({ [`https://robot:${secret}@ghcr.io/v1/`]: 1 }),
      'the entry "https://ghcr.io/v1/" is not an object',
    ],
    [config({ [secret]: 1 }), 'the entry whose key is not a host is not an object'],
    [config({ 'ghcr.io\n\u202e': 1 }), 'the entry "ghcr.io??" is not an object'],
    [`{"auths":{"ghcr.io":{"auth":"${'A'.repeat(1_100_000)}"}}}`, 'it is larger than 1048576 bytes'],
  ]
  for (const [text, problem] of rows) {
    const read = readDockerConfig(text, 'test')
    t.same(read.problems, problem === undefined ? [] : [problem], text.slice(0, 80))
    t.same(read.entries, [])
    t.notMatch(JSON.stringify(read.problems), secret)
  }
  t.end()
})

t.test('one bad entry does not spoil the others', t => {
  const read = readDockerConfig(config({ bad: 1, 'ghcr.io': { auth: base64('a:b') } }), 'test')
  t.equal(read.entries.length, 1)
  t.equal(read.problems.length, 1)
  t.end()
})

t.test('credential stores and helpers', t => {
  const read = readDockerConfig(
    config(
      { 'ghcr.io': {} },
      { credsStore: 'desktop', credHelpers: { 'a.example': 'ecr-login', 'b.example': 7 } },
    ),
    'test',
  )
  t.equal(read.credsStore, 'desktop')
  t.same([...read.credHelpers], [['a.example', 'ecr-login']])
  t.same(read.problems, [])
  t.equal(readDockerConfig('{"credsStore":""}', 'test').credsStore, undefined)
  t.end()
})

t.test('keys that are names of object properties are keys like others', t => {
  const text = '{"auths":{"__proto__":{"auth":"YTpi"},"constructor":{"auth":"YTpi"},"toString":{}}}'
  t.same(
    readDockerConfig(text, 'test').entries.map(({ key }) => key),
    ['__proto__', 'constructor'],
  )
  t.equal(Object.hasOwn(Object.prototype, 'auth'), false)
  t.end()
})

t.test('any text is read without an error', t => {
  assert(property(string(), text => Array.isArray(readDockerConfig(text, 'test').problems)))
  assert(
    property(json(), text => {
      const read = readDockerConfig(`{"auths":${text}}`, 'test', 'auths')
      return read.entries.length + read.problems.length >= 0
    }),
  )
  t.end()
})
