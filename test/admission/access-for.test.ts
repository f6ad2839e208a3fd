import t from 'tap'
import { accessFor } from '../../src/admission/access-for.ts'
import type { Access, AccessSource, Requester } from '../../src/evaluation/index.ts'
import { createWorkloadKinds } from '../../src/workload/index.ts'
import { workloadNamed } from '../workload/workloads.ts'
import { patienceOf, requestOf } from './situations.ts'

const deployments = workloadNamed('deployments')

const kinds = createWorkloadKinds([])
const own: Access = { namespace: 'shop', credentialsFor: () => [], problems: [] }

t.test('from memory, from a look-up, and none', async t => {
  const rows: readonly (readonly [string, AccessSource['accessOf'], Access | undefined, boolean, number])[] =
    [
      ['in memory', () => own, own, false, 800],
      ['looked up', () => Promise.resolve(own), own, false, 400],
      ['not in time', () => new Promise(() => undefined), undefined, true, 400],
    ]
  for (const [name, accessOf, access, late, left] of rows) {
    const patience = patienceOf()
    const found = await accessFor(requestOf(), 800, { access: { accessOf }, patience, kinds })
    t.strictSame(found, { access, late, left }, name)
    t.strictSame(patience.waited, left === 800 ? [] : [400], name)
  }
  const found = accessFor(requestOf(), 800, { patience: patienceOf(), kinds })
  t.strictSame(found, { access: undefined, late: false, left: 800 }, 'no source')
})

t.test('who asks is whom the kubelet would pull as', async t => {
  const asked: Requester[] = []
  const access: AccessSource = {
    accessOf(requester) {
      asked.push(requester)
      return own
    },
  }
  const sources = { access, patience: patienceOf(), kinds }
  const podSpec = { serviceAccountName: 'app', imagePullSecrets: [{ name: 'regcred' }], containers: [] }
  accessFor(requestOf({ object: deployments.object(podSpec) }), 800, sources)
  accessFor(requestOf({ object: null, namespace: 'other' }), 800, sources)
  accessFor(requestOf({ resource: { group: '', resource: 'configmaps', subresource: '' } }), 800, sources)
  t.strictSame(asked, [
    { namespace: 'shop', serviceAccount: 'app', pullSecrets: ['regcred'] },
    { namespace: 'other', serviceAccount: 'default', pullSecrets: [] },
  ])
})
