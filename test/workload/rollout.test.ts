import t from 'tap'
import { startsRollout } from '../../src/workload/rollout.ts'
import { workloadNamed, workloads } from './workloads.ts'

const spec = (image: string) => ({ containers: [{ name: 'web', image }] })

t.test('a new pod template starts a rollout, a pod does not', async t => {
  for (const { name, kind, object } of workloads) {
    const before = object(spec('nginx:1'), { labels: { a: 'b' } })
    t.equal(startsRollout(kind, before, object(spec('nginx:1'))), false, `${name}: labels of its own`)
    t.equal(
      startsRollout(kind, before, object(spec('nginx:2'))),
      kind.templates !== undefined,
      `${name}: image`,
    )
  }
})

t.test('metadata of the template counts, and what stands beside the template does not', async t => {
  const kind = workloadNamed('deployments').kind
  const before = {
    spec: { replicas: 1, template: { metadata: { labels: { a: '1' } }, spec: spec('nginx') } },
  }
  const scaled = {
    spec: { replicas: 5, template: { spec: spec('nginx'), metadata: { labels: { a: '1' } } } },
  }
  const restarted = {
    spec: { replicas: 1, template: { metadata: { labels: { a: '2' } }, spec: spec('nginx') } },
  }
  t.equal(startsRollout(kind, before, scaled), false)
  t.equal(startsRollout(kind, before, restarted), true)
  t.equal(startsRollout(kind, null, before), true)
  t.equal(startsRollout(kind, null, 'text'), false)
})
