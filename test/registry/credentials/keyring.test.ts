import { array, assert, constantFrom, property, tuple } from 'fast-check'
import t from 'tap'

import type { PullCredentials } from '../../../src/evaluation/index.ts'
import { parseReference } from '../../../src/image/index.ts'
import {
  createCredentials,
  createKeyring,
  keyMatches,
  readKey,
} from '../../../src/registry/credentials/keyring.ts'
import { memoryOf } from '../../support/memory-in-use.ts'

const credentials = (username: string): PullCredentials => ({ username, password: 'p', origin: 'test' })
const entry = (key: string, username = key) => ({ key, credentials: credentials(username) })
const namesFor = (keys: readonly string[], image: string): readonly string[] =>
  createKeyring(keys.map(key => entry(key)))(parseReference(image)).map(({ username }) => username)

// What the kubelet's own tests (kubernetes, pkg/credentialprovider/keyring_test.go) say of a key and an image.
const kubeletMatches: readonly (readonly [key: string, image: string, matches: boolean])[] = [
  ['*.kubernetes.io', 'prefix.kubernetes.io', true],
  ['prefix.*.io', 'prefix.kubernetes.io', true],
  ['prefix.kubernetes.*', 'prefix.kubernetes.io', true],
  ['*-good.kubernetes.io', 'prefix-good.kubernetes.io', true],
  ['*.kubernetes.io/blah', 'prefix.kubernetes.io/blah', true],
  ['prefix.*.io/foo', 'prefix.kubernetes.io/foo/bar', true],
  ['*.kubernetes.io:1111/blah', 'prefix.kubernetes.io:1111/blah', true],
  ['prefix.*.io:1111/foo', 'prefix.kubernetes.io:1111/foo/bar', true],
  ['*.kubernetes.io', 'kubernetes.io', false],
  ['*.*.kubernetes.io', 'prefix.kubernetes.io', false],
  ['*.*.kubernetes.io', 'kubernetes.io', false],
  ['kubernetes.io', 'kubernetes.com', false],
  ['k*.io', 'quay.io', false],
  ['*.kubernetes.io:1234/blah', 'prefix.kubernetes.io:1111/blah', false],
  ['prefix.*.io/foo', 'prefix.kubernetes.io:1111/foo/bar', false],
  ['https://hello.kubernetes.io', 'hello.kubernetes.io/foo/bar', true],
  ['https://*.docker.io', 'prefix.docker.io/foo/bar', true],
  ['https://prefix.*.io', 'prefix.docker.io/foo/bar', true],
  ['https://prefix.docker.*', 'prefix.docker.io/foo/bar', true],
  ['https://*.docker.io/path', 'prefix.docker.io/path/foo/bar', true],
  ['https://prefix.*.io/path', 'prefix.docker.io/path/subpath/foo/bar', true],
  ['https://prefix.docker.*/path', 'prefix.docker.io/path/foo/bar', true],
  ['https://*.docker.io:8888', 'prefix.docker.io:8888/foo/bar', true],
  ['https://prefix.*.io:8888', 'prefix.docker.io:8888/foo/bar', true],
  ['https://prefix.docker.*:8888', 'prefix.docker.io:8888/foo/bar', true],
  ['https://*.docker.io/path:1111', 'prefix.docker.io/path:1111/foo/bar', true],
  ['https://*.docker.io/v1/', 'prefix.docker.io/path:1111/foo/bar', true],
  ['https://*.docker.io/v2/', 'prefix.docker.io/path:1111/foo/bar', true],
  ['https://prefix.docker.*/path:1111', 'prefix.docker.io/path:1111/foo/bar', true],
  ['prefix.docker.io:1111', 'prefix.docker.io:1111/path/foo/bar', true],
  ['*.docker.io:1111', 'prefix.docker.io:1111/path/foo/bar', true],
  ['https://hello.kubernetes.io', 'world.mesos.org/foo/bar', false],
  ['https://*.docker.com', 'prefix.docker.io/foo/bar', false],
  ['https://suffix.*.io', 'prefix.docker.io/foo/bar', false],
  ['https://prefix.docker.c*', 'prefix.docker.io/foo/bar', false],
  ['https://prefix.*.io/path:1111', 'prefix.docker.io/path/subpath:1111/foo/bar', false],
  ['suffix.*.io', 'prefix.docker.io/foo/bar', false],
  // A text's beginning, as the kubelet takes it. Credentials are not sent on the strength of it: see below.
  ['reg.example/foo', 'reg.example/foobar', true],
  ['reg.example/foo/', 'reg.example/foobar', false],
  // Hosts that look alike.
  ['ghcr.io', 'ghcr.io.evil.tld/a', false],
  ['ghcr.io', 'evil.ghcr.io/a', false],
  ['ghcr.io', 'ghcr.io:444/a', false],
  ['ghcr.io:444', 'ghcr.io/a', false],
  ['*.io', 'ghcr.io.evil.tld/a', false],
  ['*', 'localhost/a', true],
  ['*', 'ghcr.io/a', false],
  ['r*g*s*y.example', 'registry.example/a', true],
  ['r*x*y.example', 'registry.example/a', false],
  ['*ry*ry.example', 'registry.example/a', false],
  ['*is*ry.example', 'registry.example/a', true],
  ['reg*gistry.example', 'registry.example/a', false],
  ['[::1]:5000', '[::1]:5000/a', true],
  ['[::1]', '[::1]:5000/a', false],
]

t.test("a key matches an image by the kubelet's rules", t => {
  for (const [key, image, expected] of kubeletMatches) {
    const read = readKey(key)
    t.equal(read !== undefined && keyMatches(read, image), expected, `${key} and ${image}`)
  }
  t.end()
})

const rows: readonly (readonly [keys: readonly string[], image: string, expected: readonly string[]])[] = [
  // The most specific first, and all that match.
  [
    ['quay.io', 'quay.io/coreos', '*.io', 'ghcr.io'],
    'quay.io/coreos/etcd',
    ['quay.io/coreos', 'quay.io', '*.io'],
  ],
  [
    ['a.example/x', 'a.example/x/y', 'a.example'],
    'a.example/x/y/z',
    ['a.example/x/y', 'a.example/x', 'a.example'],
  ],
  // Sent only where a part of the path ends.
  [['reg.example/foo', 'reg.example'], 'reg.example/foobar', ['reg.example']],
  [['reg.example/foo'], 'reg.example/foobar', []],
  [['reg.example/foo'], 'reg.example/foo', ['reg.example/foo']],
  [['reg.example/foo/'], 'reg.example/foo/bar', ['reg.example/foo/']],
  // Docker Hub under its names.
  [['https://index.docker.io/v1/'], 'nginx', ['https://index.docker.io/v1/']],
  [['https://index.docker.io/v1/'], 'team/app:1', ['https://index.docker.io/v1/']],
  [['https://index.docker.io/v1/'], 'index.docker.io/team/app', ['https://index.docker.io/v1/']],
  [['https://index.docker.io/v2/'], 'nginx', ['https://index.docker.io/v2/']],
  [['index.docker.io'], 'nginx', ['index.docker.io']],
  [['docker.io'], 'nginx', ['docker.io']],
  [['docker.io', 'index.docker.io'], 'nginx', ['docker.io']],
  [['docker.io/library', 'index.docker.io'], 'nginx', ['docker.io/library']],
  [['docker.io/lib', 'index.docker.io'], 'nginx', []],
  [['https://index.docker.io/v1/'], 'world.mesos.org/foo/bar', []],
  [['https://index.docker.io/v1/'], 'myhostdocker.io/foo/bar', []],
  [['https://index.docker.io/v1/'], 'registry:5000/foo/bar', []],
  [['https://index.docker.io/v1/access-token'], 'nginx', []],
  // One registry, however it is written.
  [['GHCR.io'], 'ghcr.io/a/b', ['GHCR.io']],
  [['https://ghcr.io:443'], 'ghcr.io/a/b', ['https://ghcr.io:443']],
  [['http://user@ghcr.io/a?b#c'], 'ghcr.io/a/b', ['http://user@ghcr.io/a?b#c']],
  [['', '/', 'https://', 'ftp://ghcr.io', 'ghcr.io/%zz', '__proto__'], 'ghcr.io/a/b', []],
  [['ghcr.io/v1'], 'ghcr.io/a/b', []],
  [['ghcr.io', 'ghcr.io.evil.tld', 'ghcr.io:444'], 'ghcr.io.evil.tld/a/b', ['ghcr.io.evil.tld']],
  [['ghcr.io', 'ghcr.io.evil.tld', 'ghcr.io:444'], 'ghcr.io:444/a/b', ['ghcr.io:444']],
]

t.test('which credentials may be sent, and in which order', t => {
  for (const [keys, image, expected] of rows)
    t.same(namesFor(keys, image), expected, `${keys.join(' ')}: ${image}`)
  const twice = createKeyring([
    entry('ghcr.io', 'first'),
    entry('https://ghcr.io', 'second'),
    entry('ghcr.io', 'third'),
  ])
  t.same(
    twice(parseReference('ghcr.io/a/b')).map(({ username }) => username),
    ['first', 'second', 'third'],
    'of one key in the order given',
  )
  t.end()
})

t.test('whatever a key says, credentials go to hosts of as many labels, to its port and into its path', t => {
  const label = constantFrom('*', 'a', 'b', 'a*', '*b', 'a*b', 'ab', '**')
  const path = constantFrom('', '/', '/x', '/x/', '/x/y', '/v1/', '/v2/x')
  const key = tuple(array(label, { minLength: 1, maxLength: 3 }), constantFrom('', ':1', ':2'), path)
  const host = array(constantFrom('a', 'b', 'ab', 'aab', 'acb'), { minLength: 1, maxLength: 3 })
  const image = tuple(host, constantFrom('', ':1', ':2'), constantFrom('x', 'x/y', 'xx', 'x/y/z', 'y'))
  assert(
    property(key, image, ([labels, port, keyPath], [names, imagePort, repository]) => {
      const text = `${labels.join('.')}${port}${keyPath}`
      const registry = `${names.join('.')}${imagePort}`
      const found = createKeyring([entry(text)])({ registry, repository })
      const pattern = labels.map(one => one.replaceAll(/\*+/g, '[^.:]*')).join('\\.')
      const effective = keyPath.replace(/^\/v[12]\//, '/').replace(/\/$/, '')
      const expected =
        new RegExp(`^${pattern}${port}$`).test(registry) && `/${repository}/`.startsWith(`${effective}/`)
      // A path that ends in a slash is not for the repository of just that name.
      const exact = keyPath.length > 1 && keyPath.endsWith('/') && `/${repository}` === effective
      return found.length === (expected && !exact ? 1 : 0)
    }),
  )
  t.end()
})

t.test('keys that are made to cost time cost none', t => {
  const glob = `${'a*'.repeat(20_000)}b`
  const read = readKey(glob)
  t.equal(read !== undefined && keyMatches(read, `${'a'.repeat(100_000)}/x`), false)
  t.end()
})

t.test(
  'credentials for one repository take a few hundred bytes: a cluster has them for each of its workloads',
  async t => {
    const repository = parseReference('registry.example/team/app:1')
    const bytes = memoryOf(() =>
      Array.from({ length: 1_000 }, () => {
        const own = createCredentials('shop', [], [])
        own.credentialsFor(repository)
        return own
      }),
    )
    t.ok(bytes < 1_000 * 1_500, `${bytes / 1_000} bytes each`)
  },
)

t.test('and remember no more repositories than there may be', async t => {
  let asked = 0
  const own = createCredentials('shop', [() => (asked++, [])], [])
  const ask = (at: number) => own.credentialsFor({ registry: 'registry.example', repository: `app-${at}` })
  for (let at = 0; at < 1_500; at++) ask(at)
  ask(1_499)
  t.equal(asked, 1_500, 'the last one is remembered')
  ask(0)
  t.equal(asked, 1_501, 'the first is asked for again')
})
