import t from 'tap'
import { recordOf, type ObjectRecord } from '../../../src/inventory/index.ts'
import { recordSink, type Records } from '../../../src/kubernetes/inventory/watched-kinds.ts'
import { workloadKindNamed, type WorkloadKind } from '../../../src/workload/index.ts'

const pod = kindNamed('v1', 'Pod')

function kindNamed(apiVersion: string, kind: string): WorkloadKind {
  const found = workloadKindNamed(apiVersion, kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}

interface Given {
  readonly image?: string
  readonly owner?: string
  readonly phase?: string
}

/** As it is read anew each time. */
function podRecord(uid: string, { image = 'nginx:1.25.1', owner = 'web-1', phase = 'Running' }: Given = {}) {
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true },
  ]
  const record = recordOf(pod, {
    metadata: { name: uid, namespace: 'shop', uid, ownerReferences },
    spec: { containers: [{ name: 'web', image }] },
    status: { phase },
  })
  if (record === undefined) throw new Error('no record')
  return record
}

const rows: readonly (readonly [what: string, later: Given, isSameRecord: boolean, sameContents: boolean])[] =
  [
    ['nothing that is kept', {}, true, true],
    ['its owner', { owner: 'web-2' }, false, true],
    ['its image', { image: 'nginx:1.25.2' }, false, false],
    ['that it has ended', { phase: 'Failed' }, false, false],
  ]
for (const [what, later, isSameRecord, sameContents] of rows)
  t.test(`of a pod that changes ${what}`, async t => {
    for (const how of ['set', 'replace'] as const) {
      const records: Records = { all: new Map(), gone: new Map() }
      const sink = recordSink(records, { kind: pod, namespace: undefined })
      const [before, other] = [podRecord('a'), podRecord('b')]
      sink.replace([before, other])
      const after = podRecord('a', later)
      if (how === 'set') sink.set(after)
      else sink.replace([after, other])
      const kept: ObjectRecord | undefined = records.all.get('a')
      t.strictSame(kept, after, how)
      t.equal(kept === before, isSameRecord, how)
      t.equal(kept?.contents === before.contents, sameContents, how)
      t.equal(records.all.get('b'), other)
    }
  })

t.test('what is not in a new list is gone, but only of its kind and namespace', async t => {
  const records: Records = { all: new Map(), gone: new Map() }
  recordSink(records, { kind: pod, namespace: 'shop' }).replace([podRecord('a'), podRecord('b')])
  recordSink(records, { kind: pod, namespace: 'other' }).replace([])
  recordSink(records, { kind: kindNamed('apps/v1', 'Deployment'), namespace: undefined }).replace([])
  t.same([...records.all.keys()], ['a', 'b'])
  recordSink(records, { kind: pod, namespace: 'shop' }).replace([podRecord('b')])
  t.same([...records.all.keys()], ['b'])
})
