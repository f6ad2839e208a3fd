import t from 'tap'
import { worthWarningIn } from '../../src/admission/worth-warning.ts'
import { createWorkloadKinds } from '../../src/workload/index.ts'
import { containers, currentImage, judgedImage, requestOf } from './situations.ts'

const kinds = createWorkloadKinds([])
const usual = { unlistedRegistries: false, floatingTags: true }
const floating = (image: string) =>
  judgedImage({ image, verdict: 'floating', reason: 'no-tag', newest: undefined })

/** A Deployment whose template has these labels and annotations. */
function templated(metadata: object) {
  return requestOf({ object: { metadata: {}, spec: { template: { metadata, spec: containers('auto') } } } })
}

t.test('what people cannot change is a choice', async t => {
  const unlisted = judgedImage({ verdict: 'unknown', reason: 'not-allowed' })
  const rows: [object, boolean, boolean][] = [
    [{}, false, true],
    [{ unlistedRegistries: true }, true, true],
    [{ floatingTags: false }, false, false],
  ]
  for (const [choices, unlistedTold, floatingTold] of rows) {
    const isWorth = worthWarningIn(requestOf(), { ...usual, ...choices }, kinds)
    t.equal(isWorth(unlisted), unlistedTold)
    t.equal(isWorth(floating('nginx')), floatingTold)
    t.equal(isWorth(judgedImage({ verdict: 'unknown', reason: 'unavailable' })), true)
    t.equal(isWorth(currentImage({ reason: 'not-listed' })), true)
  }
})

t.test('a placeholder that an injector fills in is no floating image', async t => {
  const injected = [
    { annotations: { 'inject.istio.io/templates': 'gateway' } },
    { labels: { 'sidecar.istio.io/inject': 'true' } },
    { annotations: { 'linkerd.io/inject': 'enabled' } },
  ]
  for (const metadata of injected) {
    const isWorth = worthWarningIn(templated(metadata), usual, kinds)
    t.equal(isWorth(floating('auto')), false)
    for (const image of ['auto:latest', 'team/auto', 'localhost:5000/auto', 'quay.io/a/b'])
      t.equal(isWorth(floating(image)), true, image)
  }
  for (const metadata of [{}, { labels: { app: 'inject' } }, { annotations: null }, { labels: ['inject'] }])
    t.equal(worthWarningIn(templated(metadata), usual, kinds)(floating('auto')), true)
  const unknownKind = {
    ...templated({ labels: { inject: '' } }),
    resource: { group: 'x', resource: 'y', subresource: '' },
  }
  t.equal(worthWarningIn(unknownKind, usual, kinds)(floating('auto')), true)
})
