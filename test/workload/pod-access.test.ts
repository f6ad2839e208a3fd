import * as fc from 'fast-check'
import t from 'tap'
import { podAccessOf } from '../../src/workload/index.ts'
import { hostileJson, workloadNamed, workloads } from './workloads.ts'

const nobody = { serviceAccount: 'default', pullSecrets: [] }

t.test('what every kind pulls as', async t => {
  const podSpec = { serviceAccountName: 'shop', imagePullSecrets: [{ name: 'one' }, { name: 'two' }] }
  for (const { name, kind, object } of workloads) {
    t.strictSame(
      podAccessOf(kind, object(podSpec)),
      { serviceAccount: 'shop', pullSecrets: ['one', 'two'] },
      name,
    )
    t.strictSame(podAccessOf(kind, object({ containers: [] })), nobody, name)
  }
})

t.test('names as they may stand in an object', async t => {
  const { kind, object } = workloadNamed('deployments')
  const rows: readonly (readonly [
    podSpec: unknown,
    serviceAccount: string,
    pullSecrets: readonly string[],
  ])[] = [
    [null, 'default', []],
    [[], 'default', []],
    [{ serviceAccountName: '', serviceAccount: 'older' }, 'older', []],
    [{ serviceAccountName: 'newer', serviceAccount: 'older' }, 'newer', []],
    [{ serviceAccountName: '../secrets', serviceAccount: null }, 'default', []],
    [{ serviceAccountName: ['a'] }, 'default', []],
    [{ imagePullSecrets: 'regcred' }, 'default', []],
    [{ imagePullSecrets: [null, {}, 'regcred', { name: 1 }, { name: '' }, { name: 'a' }] }, 'default', ['a']],
    [{ imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, 'default', ['a', 'b']],
    [
      {
        imagePullSecrets: ['../../api', 'a/b', 'A', 'a?b', '-a', 'a..b', 'a%2fb', 'a\n', 'a.b-c'].map(
          name => ({ name }),
        ),
      },
      'default',
      ['a.b-c'],
    ],
    [
      { imagePullSecrets: [{ name: 'a'.repeat(254) }, { name: 'a'.repeat(253) }] },
      'default',
      ['a'.repeat(253)],
    ],
  ]
  for (const [podSpec, serviceAccount, pullSecrets] of rows)
    t.strictSame(podAccessOf(kind, object(podSpec)), { serviceAccount, pullSecrets }, JSON.stringify(podSpec))
})

t.test('no object makes many reads of the API server', async t => {
  const { kind, object } = workloadNamed('pods')
  const imagePullSecrets = Array.from({ length: 10_000 }, (_, at) => ({ name: `s${at}` }))
  t.equal(podAccessOf(kind, object({ imagePullSecrets })).pullSecrets.length, 20)
})

t.test('never throws', async () => {
  const property = fc.property(hostileJson, fc.constantFrom(...workloads), (json, { kind, object }) => {
    podAccessOf(kind, json)
    podAccessOf(kind, object({ imagePullSecrets: json, serviceAccountName: json }))
  })
  fc.assert(property, { numRuns: 2_000 })
})
