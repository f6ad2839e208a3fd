import t from 'tap'
import { sameAdvice, type Unjudged } from '../../../src/cli/print/advice.ts'
import { parseReference } from '../../../src/image/index.ts'

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
