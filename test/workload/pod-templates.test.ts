import * as fc from 'fast-check'
import t from 'tap'
import { customKinds } from '../../src/workload/custom-kinds.ts'
import { imagesOf, podAccessOf, startsRollout } from '../../src/workload/index.ts'
import { parsePodPath, podTemplatesOf } from '../../src/workload/pod-templates.ts'
import { hostileJson } from './workloads.ts'

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
