import * as fc from 'fast-check'
import t from 'tap'
import {
  InvalidReferenceError,
  familiarRepository,
  impliedTag,
  parseReference,
  type Reference,
} from '../../src/image/reference.ts'

/** The reference as a person writes it. */
function familiarReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return familiarRepository(reference) + tag + digest
}

const hex = '0123456789abcdef'.repeat(4)
const digest = `sha256:${hex}`

/** `registry repository tag digest`, `-` for what is absent; or why the text is no reference. */
function said(text: string): string {
  try {
    const { registry, repository, tag, digest } = parseReference(text)
    return [registry, repository, tag ?? '-', digest === undefined ? '-' : 'digest'].join(' ')
  } catch (error) {
    if (error instanceof InvalidReferenceError) return error.message.replace(/^.*? is not a reference: /, '')
    throw error
  }
}

const legal: readonly (readonly [string, string])[] = [
  ['nginx:1.2', 'docker.io library/nginx 1.2 -'],
  ['nginx', 'docker.io library/nginx - -'],
  ['docker.io/nginx:1', 'docker.io library/nginx 1 -'],
  ['index.docker.io/nginx:1', 'docker.io library/nginx 1 -'],
  ['registry-1.docker.io/library/nginx:1', 'docker.io library/nginx 1 -'],
  ['docker.io/library/nginx', 'docker.io library/nginx - -'],
  ['mojaloop/central-ledger:v11.0.0', 'docker.io mojaloop/central-ledger v11.0.0 -'],
  ['localhost:5000/bar', 'localhost:5000 bar - -'],
  ['localhost:5000/foo/bar:1.0', 'localhost:5000 foo/bar 1.0 -'],
  ['localhost/bar:1', 'localhost bar 1 -'],
  ['myreg:5000/a/b:1', 'myreg:5000 a/b 1 -'],
  ['k8s.gcr.io/ingress-nginx/controller:v0.40.2', 'k8s.gcr.io ingress-nginx/controller v0.40.2 -'],
  [`foo/bar@${digest}`, 'docker.io foo/bar - digest'],
  [`foo/bar:1.0@${digest}`, 'docker.io foo/bar 1.0 digest'],
  ['registry.gitlab.com/g/p/containers/app:1.2.3', 'registry.gitlab.com g/p/containers/app 1.2.3 -'],
  ['10.0.0.9/mirror-registry.my.org/app:1.2.3', '10.0.0.9 mirror-registry.my.org/app 1.2.3 -'],
  ['[2001:db8::1]:5000/a:1', '[2001:db8::1]:5000 a 1 -'],
  ['[2001:db8::1]/a', '[2001:db8::1] a - -'],
  // reference_test.go of distribution/reference
  ['test_com', 'docker.io library/test_com - -'],
  ['test.com:tag', 'docker.io library/test.com tag -'],
  ['test.com:5000', 'docker.io library/test.com 5000 -'],
  ['test.com/repo:tag', 'test.com repo tag -'],
  [`test:5000/repo:tag@${digest}`, 'test:5000 repo tag digest'],
  ['lowercase:Uppercase', 'docker.io library/lowercase Uppercase -'],
  ['a/a/a/a/a/a/b/b/b/b', 'docker.io a/a/a/a/a/a/b/b/b/b - -'],
  ['sub-dom1.foo.com/bar/baz/quux:some-long-tag', 'sub-dom1.foo.com bar/baz/quux some-long-tag -'],
  [
    'b.gcr.io/test.example.com/my-app:test.example.com',
    'b.gcr.io test.example.com/my-app test.example.com -',
  ],
  ['xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com myimage xn--n3h.com -'],
  ['foo_bar.com:8080', 'docker.io library/foo_bar.com 8080 -'],
  ['foo/foo_bar.com:8080', 'docker.io foo/foo_bar.com 8080 -'],
  ['[fc00::1]:5000/repo:tag', '[fc00::1]:5000 repo tag -'],
  ['a__b/c---d', 'docker.io a__b/c---d - -'],
  ['a'.repeat(63), `docker.io library/${'a'.repeat(63)} - -`],
  // one registry must not look like two
  ['Quay.IO/a/b:1', 'quay.io a/b 1 -'],
  ['quay.io:443/a/b:1', 'quay.io a/b 1 -'],
  ['Docker.io:443/library/nginx', 'docker.io library/nginx - -'],
  // a port is a number: zeros before it name no other registry
  ['registry-1.docker.io:0443/library/nginx:1.25.1', 'docker.io library/nginx 1.25.1 -'],
  ['quay.io:00443/a/b:1', 'quay.io a/b 1 -'],
  ['localhost:05000/a:1', 'localhost:5000 a 1 -'],
  ['[2001:db8::1]:0005000/a:1', '[2001:db8::1]:5000 a 1 -'],
  ['[::0001]/a:1', '[::0001] a 1 -'],
  // and what no port can be is one by the grammar
  ['host.io:0/a:1', 'host.io:0 a 1 -'],
  ['host.io:000/a:1', 'host.io:0 a 1 -'],
  ['host.io:65536/a:1', 'host.io:65536 a 1 -'],
  ['host.io:0123456789012345678901/a:1', 'host.io:123456789012345678901 a 1 -'],
]

const illegal: readonly (readonly [string, string])[] = [
  ['', 'it is empty'],
  [':1', 'a part of the repository is empty'],
  ['foo/bar:', 'nothing follows the colon'],
  ['foo//bar:1', 'a part of the repository is empty'],
  ['/foo', 'a part of the repository is empty'],
  ['foo/', 'a part of the repository is empty'],
  ['Uppercase:tag', 'the repository must be lower case'],
  ['test:5000/Uppercase/lowercase:tag', 'the repository must be lower case'],
  ['aa/asdf$$^/aa', '"asdf$$^" is not a repository name'],
  ['-foo/bar', '"-foo" is not a repository name'],
  ['foo/bar-', '"bar-" is not a repository name'],
  ['foo___bar', '"foo___bar" is not a repository name'],
  ['foo..bar/a/b', 'the registry is not a host'],
  ['[2001:db8::1/a', 'the registry is not a host'],
  ['[fe80::1%eth0]:5000/a', 'the registry is not a host'],
  ['host.io:port/a', 'the registry is not a host'],
  ['repo@sha256:ffff', 'the digest is not algorithm:hex'],
  ['repo@', 'nothing follows the @'],
  [`repo@${digest}@${digest}`, 'the digest is not algorithm:hex'],
  [`repo@sha256:${hex.slice(1)}`, 'a sha256 digest has 64 lower-case hex digits'],
  [`repo@sha256:${hex.toUpperCase()}`, 'a sha256 digest has 64 lower-case hex digits'],
  [hex, 'the name is a bare image id'],
  [`nginx:${'x'.repeat(129)}`, 'the tag is not [A-Za-z0-9_][A-Za-z0-9._-]{0,127}'],
  [`a.io/${'a/'.repeat(130)}a`, 'the name is longer than 255 characters'],
  ['x'.repeat(10_000), 'it is too long'],
  ['nginx:1 ', 'the tag is not [A-Za-z0-9_][A-Za-z0-9._-]{0,127}'],
  [' nginx', '" nginx" is not a repository name'],
  ['nginx\n', '"nginx\\n" is not a repository name'],
  ['ngınx', '"ngınx" is not a repository name'],
  ['https://nginx.org/a', 'leave out https://'],
  ['docker://nginx:1', 'leave out docker://'],
]

t.test('references', async t => {
  for (const [text, wanted] of legal) t.equal(said(text), wanted, text)
})

t.test('what is none', async t => {
  for (const [text, wanted] of illegal) t.equal(said(text), wanted, text.slice(0, 40))
})

t.test('the error says what was wrong, readably', async t => {
  const error = new InvalidReferenceError('x'.repeat(500), 'it is too long')
  t.equal(error.code, 'invalid-reference')
  t.equal(error.message, `image "${'x'.repeat(120)}…" is not a reference: it is too long`)
  t.equal(error.text.length, 500)
  t.throws(() => parseReference('a b'), {
    name: 'InvalidReferenceError',
    message: 'image "a b" is not a reference: "a b" is not a repository name',
  })
})

t.test('the tag that is meant', async t => {
  t.equal(impliedTag(parseReference('nginx')), 'latest')
  t.equal(impliedTag(parseReference('nginx:1')), '1')
  t.equal(impliedTag(parseReference(`nginx@${digest}`)), undefined)
  t.equal(impliedTag(parseReference(`nginx:1@${digest}`)), '1')
})

t.test('as people write it', async t => {
  const rows: readonly (readonly [string, string])[] = [
    ['docker.io/library/nginx:1', 'nginx:1'],
    ['docker.io/mojaloop/a', 'mojaloop/a'],
    ['docker.io/library/a/b', 'library/a/b'],
    ['quay.io/a/b:1', 'quay.io/a/b:1'],
    [`nginx:1@${digest}`, `nginx:1@${digest}`],
    ['docker.io/localhost/a', 'docker.io/localhost/a'],
    ['docker.io/a.b/c', 'docker.io/a.b/c'],
  ]
  for (const [text, wanted] of rows) t.equal(familiarReference(parseReference(text)), wanted, text)
  t.equal(familiarRepository(parseReference('nginx:1')), 'nginx')
})

const component = fc.constantFrom('a', 'library', 'localhost', 'a.b', 'my-app', 'x__y', '0', 'nginx')
const host = fc.constantFrom(
  '',
  'docker.io/',
  'quay.io/',
  'localhost/',
  'localhost:5000/',
  'H:1/',
  '[::1]/',
  'index.docker.io/',
)
const reference = fc
  .tuple(
    host,
    fc.array(component, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/')),
    fc.constantFrom('', ':1', ':v1.2.3-alpine', ':latest', ':_'),
    fc.constantFrom('', `@${digest}`),
  )
  .map(parts => parts.join(''))

t.test('what is written is read back as the same', async () => {
  const property = fc.property(reference, text => {
    const parsed = parseReference(text)
    const again = parseReference(familiarReference(parsed))
    const full = parseReference(`${parsed.registry}/${parsed.repository}`)
    return (
      JSON.stringify(parsed) === JSON.stringify(again) &&
      full.registry === parsed.registry &&
      full.repository === parsed.repository
    )
  })
  fc.assert(property, { numRuns: 3_000 })
})

t.test('never throws anything but InvalidReferenceError', async () => {
  const near = fc.string({
    unit: fc.constantFrom('a', 'A', '0', '.', '-', '_', '/', ':', '@', '[', ']', ' ', 'é'),
  })
  const property = fc.property(fc.oneof(near, fc.string({ unit: 'binary' }), reference), text => {
    said(text)
  })
  fc.assert(property, { numRuns: 10_000 })
})

// Each pattern takes as many steps as a text has characters: one that backtracks would not come to an end here. What a text costs
// is measured in test/integration/reference-cost.test.ts.
t.test('hostile texts come to an end', t => {
  const texts = [
    'a'.repeat(500),
    'a-'.repeat(250),
    'a.'.repeat(250),
    'a_'.repeat(250),
    '-'.repeat(500),
    'a/'.repeat(250),
  ]
  const hostile = [...texts, ...texts.map(text => `${text}/b`), ...texts.map(text => `b@${text}`)]
  for (const text of hostile) t.not(said(text), '', text.slice(0, 10))
  t.equal(said('a'.repeat(1_000_000)), 'it is too long')
  t.end()
})
