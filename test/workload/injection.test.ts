import * as fc from 'fast-check'
import t from 'tap'
import { asksForInjection } from '../../src/workload/injection.ts'
import { hostileJson, workloads } from './workloads.ts'

t.test('a label or an annotation of the pod template, in every kind', async t => {
  for (const { name, kind, object } of workloads) {
    const made = object({ containers: [] })
    const asking: unknown = JSON.parse(
      JSON.stringify(made).replace('"app":"web"', '"linkerd.io/inject":"enabled"'),
    )
    t.equal(asksForInjection(kind, made), false, name)
    t.equal(asksForInjection(kind, asking), kind.templates !== undefined, name)
    const own = object({ containers: [] }, { annotations: { 'sidecar.istio.io/inject': 'true' } })
    t.equal(asksForInjection(kind, own), kind.templates === undefined, `${name}, the object's own`)
  }
})

t.test('no object makes it fail', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...workloads), hostileJson, ({ kind }, object) => {
      asksForInjection(kind, object)
    }),
  )
})
