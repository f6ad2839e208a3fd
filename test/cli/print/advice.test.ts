import t from 'tap'
import {
  commandLineAdvice,
  forCommandLine,
  sameAdvice,
  type Unjudged,
} from '../../../src/cli/print/advice.ts'
import { parseReference } from '../../../src/image/index.ts'
import { advice, operatorAdvice, type Advice } from '../../../src/registry/response/advice.ts'
import { RegistryError, tagSourceError } from '../../../src/registry/response/registry-error.ts'

function unjudged(image: string, reason: Unjudged['reason'], why: string): Unjudged {
  const reference = parseReference(image)
  return { reference, reason, detail: `${reference.registry}/${reference.repository}: ${why}` }
}

const dns = 'its name is not in DNS; check the host'

t.test('a host that is down is one line, whatever each of its repositories was told', async t => {
  t.strictSame(
    sameAdvice([
      unjudged('ghcr.io/a:1', 'unavailable', dns),
      unjudged('quay.io/x/y:1', 'unavailable', dns),
      unjudged('ghcr.io/b:1', 'unavailable', 'the registry is out of service until 10:00; try again then'),
      unjudged('ghcr.io/b:2', 'unavailable', dns),
    ]),
    [`ghcr.io (2 repositories): ${dns}`, `quay.io/x/y: ${dns}`],
  )
})

t.test('what is of one repository stays with it', async t => {
  const missing = 'the registry has no such repository; check its name'
  t.strictSame(
    sameAdvice([
      unjudged('ghcr.io/a:1', 'unauthorized', 'the registry answered 401 to pull secret x/y'),
      unjudged('ghcr.io/b:1', 'unauthorized', 'the registry answered 401 to pull secret x/z'),
      unjudged('ghcr.io/c:1', 'not-found', missing),
      unjudged('ghcr.io/d:1', 'not-found', missing),
      unjudged('ghcr.io/d:2', 'not-found', missing),
      { reference: undefined, reason: 'invalid-reference', detail: 'image "A B" is not a reference' },
    ]),
    [
      'ghcr.io/a: the registry answered 401 to pull secret x/y',
      'ghcr.io/b: the registry answered 401 to pull secret x/z',
      `ghcr.io (2 repositories): ${missing}`,
      'image "A B" is not a reference',
    ],
  )
})

const file = 'in a file that --config names'
const login = 'docker login, or a file that --docker-config names'
// For the administrator of a server, on the command line with a configuration, and without one.
const advices: readonly (readonly [Advice, server: string, configured: string, without: string])[] = [
  ['check its name', 'check its name', 'check its name', 'check its name'],
  [advice`${'try-later'}`, 'it is asked again later', 'try again later', 'try again later'],
  [
    advice`${'try-then'}; credentials often raise the limit`,
    'it is asked again then; credentials often raise the limit',
    'try again then; credentials often raise the limit',
    'try again then; credentials often raise the limit',
  ],
  [
    advice`check its name, or ${'give-credentials'}`,
    'check its name, or give credentials under registries',
    'check its name, or give credentials under registries',
    `check its name, or give credentials: ${login}`,
  ],
  [
    advice`${'check-credentials'}, and the name of the repository`,
    'check the credentials under registries, and the name of the repository',
    'check the credentials under registries, and the name of the repository',
    `check the credentials (${login}), and the name of the repository`,
  ],
  [
    advice`if it speaks plain HTTP, ${'allow-insecure'}`,
    'if it speaks plain HTTP, say insecure: true under registries',
    'if it speaks plain HTTP, say insecure: true under registries',
    'if it speaks plain HTTP, name its host by --insecure-registry',
  ],
  [
    advice`${'try-later'}; if its limits are higher, say so as limits ${'under-registries'}`,
    'it is asked again later; if its limits are higher, say so as limits under registries',
    'try again later; if its limits are higher, say so as limits under registries',
    `try again later; if its limits are higher, say so as limits under registries ${file}`,
  ],
  [
    advice`if that is meant, name the host ${'in-configuration'}`,
    'if that is meant, name the host in the configuration under registries',
    'if that is meant, name the host in the configuration under registries',
    `if that is meant, name the host under registries ${file}`,
  ],
]

const audiences = [operatorAdvice, commandLineAdvice(true), commandLineAdvice(false)]

t.test('advice is in the words for who reads it', async t => {
  const repository = { registry: 'ghcr.io', repository: 'team/app' }
  for (const [next, ...texts] of advices) {
    const error = new RegistryError('unavailable', 'why', { next, forOthers: 'less' })
    for (const [at, table] of audiences.entries()) {
      const { message, messageForOthers } = tagSourceError(error, repository, table)
      t.equal(message, `ghcr.io/team/app: why; ${texts[at]}`)
      t.equal(messageForOthers, `ghcr.io/team/app: less; ${texts[at]}`)
    }
  }
  const error = new RegistryError('not-allowed', 'the configuration does not allow this registry', {
    next: { code: 'list-registry', host: 'ghcr.io' },
  })
  const other =
    'this registry is not among those that may be asked; if you trust it, add --registry ghcr.io, or'
  t.strictSame(
    audiences.map(table => tagSourceError(error, repository, table).message),
    [
      'ghcr.io/team/app: the configuration does not allow this registry; add ghcr.io to registries, if you trust it',
      `ghcr.io/team/app: ${other} list it under registries`,
      `ghcr.io/team/app: ${other} list it under registries ${file}`,
    ],
  )
})

t.test('what is judged again in a cluster is tried again on a command line', async t =>
  t.equal(
    forCommandLine('its registry lists newer tags that it does not have; it is asked again later'),
    'its registry lists newer tags that it does not have; try again later',
  ),
)
