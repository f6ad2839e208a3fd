import * as fc from 'fast-check'
import t from 'tap'
import {
  annotationsOf,
  claimsMirrorPod,
  controllerNamed,
  hasWorkloadOwner,
} from '../../src/workload/metadata.ts'
import { hostileJson, workloads } from './workloads.ts'

t.test('annotations are text and belong to the object itself', async t => {
  const rows: [string, [string, string][]][] = [
    ['{"metadata": {"annotations": {"a": "1", "b": 2, "c": null, "d": ["x"]}}}', [['a', '1']]],
    ['{"metadata": {"annotations": null}}', []],
    ['{"metadata": {"annotations": ["a"]}}', []],
    ['{"metadata": "text"}', []],
    ['{"metadata": {}, "spec": {"template": {"metadata": {"annotations": {"a": "1"}}}}}', []],
    ['null', []],
  ]
  for (const [object, expected] of rows)
    t.strictSame(Object.entries(annotationsOf(JSON.parse(object))), expected, object)
})

t.test('a key of the prototype is a key', async t => {
  const annotations = annotationsOf(JSON.parse('{"metadata": {"annotations": {"__proto__": "x", "a": "1"}}}'))
  t.strictSame(Object.keys(annotations), ['__proto__', 'a'])
  t.equal(Object.getPrototypeOf(annotations), Object.prototype)
  t.equal(Object.hasOwn(annotationsOf(JSON.parse('{"metadata": {"annotations": {}}}')), 'constructor'), false)
})

t.test('a controller owner of a covered kind', async t => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }
  const rows: [unknown, boolean][] = [
    [[owner], true],
    [[{ ...owner, controller: false }], false],
    [[{ ...owner, controller: 'true' }], false],
    [[{ apiVersion: 'apps/v1', kind: 'ReplicaSet' }], false],
    [[{ ...owner, apiVersion: 'v1' }], false],
    [[{ ...owner, apiVersion: 'example.com/v1' }], false],
    [[{ ...owner, kind: 'Rollout' }], false],
    [[{ ...owner, apiVersion: 'v1', kind: 'Node' }], false],
    [[{ ...owner, controller: false }, owner], true],
    [[null, 'x', []], false],
    [owner, false],
    [null, false],
  ]
  for (const [ownerReferences, expected] of rows)
    t.equal(hasWorkloadOwner({ metadata: { ownerReferences } }), expected, JSON.stringify(ownerReferences))
  t.equal(hasWorkloadOwner(undefined), false)
})

t.test('only a pod mirrors a static pod', async t => {
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'hash' } }
  for (const { name, kind, object } of workloads) {
    t.equal(claimsMirrorPod(kind, object({}, mirror)), kind.kind === 'Pod', name)
    t.equal(claimsMirrorPod(kind, object({}, { annotations: {} })), false, name)
  }
})

t.test('no object throws', async () => {
  fc.assert(
    fc.property(hostileJson, fc.constantFrom(...workloads), (value, { kind, object }) => {
      for (const hostile of [value, { metadata: value }, object({}, value)]) {
        annotationsOf(hostile)
        hasWorkloadOwner(hostile)
        claimsMirrorPod(kind, hostile)
      }
    }),
  )
})

t.test('the name of a controller owner', async t => {
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly', controller: true }
  const rows: [unknown, string | undefined][] = [
    [[owner], 'nightly'],
    [[{ ...owner, apiVersion: 'batch/v1beta1' }], 'nightly'],
    [[{ ...owner, controller: false }, owner], 'nightly'],
    [[{ ...owner, controller: false }], undefined],
    [[{ ...owner, apiVersion: 'apps/v1' }], undefined],
    [[{ ...owner, kind: 'Job' }], undefined],
    [[{ ...owner, name: 7 }], ''],
    [[], undefined],
    [null, undefined],
  ]
  for (const [ownerReferences, expected] of rows)
    t.equal(controllerNamed({ metadata: { ownerReferences } }, { group: 'batch', kind: 'CronJob' }), expected)
})
