import * as fc from 'fast-check'
import t from 'tap'
import { customKinds } from '../../src/workload/custom-kinds.ts'
import { imagesOf, podAccessOf, startsRollout } from '../../src/workload/index.ts'
import { parsePodPath, podTemplatesOf } from '../../src/workload/pod-templates.ts'
import { hostileJson, workloadNamed, workloads } from './workloads.ts'

t.test('which texts are paths', async t => {
  const rows: [string, string[] | undefined][] = [
    ['spec.template', ['spec', 'template']],
    ['spec.pods[]', ['spec', 'pods[]']],
    ['spec.a[].b[].c', ['spec', 'a[]', 'b[]', 'c']],
    ['a.template', undefined],
    ['specification', undefined],
    ['status.template', undefined],
    ['.', []],
    ['template', ['template']],
    ['', undefined],
    ['.spec', undefined],
    ['spec.', undefined],
    ['spec..template', undefined],
    ['spec[0]', undefined],
    ['[]', undefined],
    ['spec.te mplate', undefined],
    ['spec/template', undefined],
    ['$.spec', undefined],
    ['spec.template\n', undefined],
  ]
  for (const [text, expected] of rows) t.strictSame(parsePodPath(text), expected, text)
})

const [nested] = customKinds([
  { group: 'example.com', kind: 'Nest', podTemplate: 'spec.groups[].sets[].template' },
])
if (nested === undefined) throw new Error('the path is one')

t.test('lists in lists, and what is none', async t => {
  const object = {
    spec: {
      groups: [
        { name: 'a', sets: [{ name: 'x', template: 1 }, { template: 2 }] },
        { sets: { template: 3 } },
        { metadata: { name: 'c' }, sets: [{}] },
      ],
    },
  }
  t.strictSame(podTemplatesOf(nested, object), [
    { template: 1, label: 'a/x' },
    { template: 2, label: 'a/sets[1]' },
    { template: undefined, label: 'c/sets[0]' },
  ])
  t.strictSame(podTemplatesOf(nested, null), [])
})

t.test('no object throws', async () => {
  fc.assert(
    fc.property(hostileJson, hostileJson, (one, other) => {
      for (const object of [one, { spec: { groups: one } }, { spec: { groups: [{ sets: [one, other] }] } }]) {
        imagesOf(nested, object)
        podAccessOf(nested, object)
        startsRollout(nested, object, other)
      }
    }),
  )
})

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
