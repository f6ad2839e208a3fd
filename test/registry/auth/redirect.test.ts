import t from 'tap'

import { redirectOf } from '../../../src/registry/auth/redirect.ts'
import { testRegistry } from '../../support/network/egress-fixture.ts'

const own = testRegistry({ host: 'r.example', redirectSuffix: '-docker.pkg.example' })
const other = testRegistry({ host: 'other.example' })
const plain = testRegistry({ host: 'plain.example:5000', insecure: true })
const registries = [own, other, plain]

const answer = (location: string | undefined, status = 307) => ({
  url: new URL('https://r.example/v2/a/tags/list?n=2'),
  status,
  headers: location === undefined ? {} : { location },
  body: Buffer.alloc(0),
})

const followed: readonly (readonly [location: string, to: string, host: string, isForeign: boolean])[] = [
  ['/v2/b/tags/list', 'https://r.example/v2/b/tags/list', 'r.example', false],
  ['?n=3#part', 'https://r.example/v2/a/tags/list?n=3', 'r.example', false],
  ['https://r.example:443/x', 'https://r.example/x', 'r.example', false],
  ['https://OTHER.example/x', 'https://other.example/x', 'other.example', true],
  ['//other.example/x', 'https://other.example/x', 'other.example', true],
  ['https://eu-docker.pkg.example/x', 'https://eu-docker.pkg.example/x', 'r.example', true],
]

t.test('where a redirect may lead', t => {
  for (const status of [301, 302, 303, 307, 308])
    for (const [location, to, host, isForeign] of followed) {
      const target = redirectOf(answer(location, status), own, registries)
      t.equal(target?.url.href, to)
      t.equal(target?.registry.host, host, location)
      t.equal(target?.foreign ?? false, isForeign, location)
    }
  for (const status of [200, 204, 300, 304, 305, 306, 401, 404])
    t.equal(redirectOf(answer('https://evil.example/', status), own, registries), undefined)
  t.end()
})

const notAllowed = 'which is not allowed'
const refused: readonly (readonly [location: string | undefined, message: string])[] = [
  ['http://r.example/x', 'it redirects to http://r.example, which is not https'],
  ['http://other.example/x', 'it redirects to http://other.example, which is not https'],
  ['http://plain.example:5000/x', 'it redirects to http://plain.example:5000, which is not https'],
  ['https://r.example:444/x', `it redirects to r.example:444, ${notAllowed}`],
  ['https://other.example:8443/x', `it redirects to other.example:8443, ${notAllowed}`],
  ['https://evil.example/x', `it redirects to evil.example, ${notAllowed}`],
  ['https://r.example.evil.example/x', `it redirects to r.example.evil.example, ${notAllowed}`],
  ['https://r.example./x', `it redirects to r.example., ${notAllowed}`],
  ['https://docker.pkg.example/x', `it redirects to docker.pkg.example, ${notAllowed}`],
  [
    'https://eu-docker.pkg.example.evil.example/',
    `it redirects to eu-docker.pkg.example.evil.example, ${notAllowed}`,
  ],
  ['https://eu-docker.pkg.example:8443/', `it redirects to eu-docker.pkg.example:8443, ${notAllowed}`],
  ['https://2130706433/x', `it redirects to 127.0.0.1, ${notAllowed}`],
  ['https://[::ffff:a9fe:a9fe]/x', `it redirects to [::ffff:a9fe:a9fe], ${notAllowed}`],
  ['https://169.254.169.254/latest', `it redirects to 169.254.169.254, ${notAllowed}`],
  ['https://other.example@evil.example/x', 'it redirects without a proper address'],
  ['https://a:b@r.example/x', 'it redirects without a proper address'],
  ['https://[/x', 'it redirects without a proper address'],
  ['file:///etc/passwd', 'it redirects to null, which is not https'],
  ['data:text/plain,x', 'it redirects to null, which is not https'],
  [undefined, 'it redirects without a proper address'],
]

t.test('where it may not', t => {
  for (const [location, message] of refused)
    t.throws(
      () => redirectOf(answer(location), own, registries),
      { code: 'invalid-answer', message },
      message,
    )
  t.end()
})
