import t from 'tap'
import { policyFor } from '../../src/admission/policy-for.ts'
import type { NamespaceLabels } from '../../src/admission/index.ts'
import { patienceOf, requestOf } from './situations.ts'

const defaults = { mode: 'warn', strategy: 'patch' } as const
const enforced = { 'patchline.dev/mode': 'enforce' }

t.test('labels from memory, from a look-up, and none', async t => {
  const rows: [string, NamespaceLabels['labelsOf'], string, number][] = [
    ['in memory', () => enforced, 'enforce', 800],
    ['no such namespace', () => undefined, 'warn', 800],
    ['looked up', () => Promise.resolve(enforced), 'enforce', 400],
    ['looked up, no such namespace', () => Promise.resolve(undefined), 'warn', 400],
    ['cannot be had', () => Promise.reject(new Error('no cluster')), 'warn', 400],
    ['not in time', () => new Promise(() => undefined), 'warn', 400],
  ]
  for (const [name, labelsOf, mode, left] of rows) {
    const patience = patienceOf()
    const settings = { defaults, ownNamespace: 'patchline' }
    const found = await policyFor(requestOf(), 800, { namespaces: { labelsOf }, patience, settings })
    t.equal(found.policy.mode, mode, name)
    t.equal(found.left, left, name)
    t.strictSame(patience.waited, left === 800 ? [] : [400], name)
  }
})

t.test('nobody is asked where there is no namespace', async t => {
  const namespaces = {
    labelsOf() {
      throw new Error('asked')
    },
  }
  const sources = { namespaces, patience: patienceOf(), settings: { defaults, ownNamespace: 'patchline' } }
  t.equal((await policyFor(requestOf({ namespace: '' }), 800, sources)).policy.mode, 'warn')
})

t.test('enforce warns where a refusal could keep something from healing', async t => {
  const rows: [namespace: string, mode: string][] = [
    ['shop', 'enforce'],
    ['kube-system', 'warn'],
    ['kube-public', 'warn'],
    ['kube-node-lease', 'warn'],
    ['patchline', 'warn'],
  ]
  for (const [namespace, mode] of rows) {
    const sources = {
      namespaces: { labelsOf: () => enforced },
      patience: patienceOf(),
      settings: { defaults, ownNamespace: 'patchline' },
    }
    t.equal((await policyFor(requestOf({ namespace }), 800, sources)).policy.mode, mode, namespace)
    const off = { ...sources, namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'off' }) } }
    t.equal((await policyFor(requestOf({ namespace }), 800, off)).policy.mode, 'off', namespace)
  }
})

t.test('the strategy comes from the object, and what is wrong is named', async t => {
  const annotations = { 'patchline.dev/strategy': 'minor', other: 'x' }
  const sources = {
    namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'loud' }) },
    patience: patienceOf(),
    settings: { defaults, ownNamespace: 'patchline' },
  }
  t.strictSame(await policyFor(requestOf({ object: { metadata: { annotations } } }), 800, sources), {
    policy: {
      mode: 'warn',
      strategy: 'minor',
      problems: [
        'namespace label patchline.dev/mode=loud is none of off, audit, warn, enforce: warn applies',
      ],
    },
    left: 800,
  })
})
