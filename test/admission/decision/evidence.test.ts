import t from 'tap'
import { createEvidence, type EvidencePorts } from '../../../src/admission/decision/evidence.ts'
import type { AdmissionRequest, NamespaceLabels } from '../../../src/admission/index.ts'
import type { Access, AccessSource, PullIdentity, WantedTags } from '../../../src/evaluation/index.ts'
import type { ObjectRules } from '../../../src/admission/rules/object-rules.ts'
import { bookOf, noPolicies, type ImageRules } from '../../../src/policy/index.ts'
import { createWorkloadKinds } from '../../../src/workload/index.ts'
import { workloadNamed } from '../../workload/workloads.ts'
import { catalogOf, knownTags, timeLimitOf, requestOf } from '../situations.ts'

const deployments = workloadNamed('deployments')
const defaults = { mode: 'warn', strategy: 'patch' } as const
const enforced = { 'patchline.dev/mode': 'enforce' }
const own: Access = { namespace: 'shop', credentialsFor: () => [], problems: [] }
const nginx = [{ container: 'web', field: 'container', image: 'nginx:1.25.1' }] as const

function portsOf(differences: Partial<EvidencePorts> = {}) {
  const timeLimit = timeLimitOf()
  return {
    catalog: catalogOf(knownTags),
    timeLimit,
    namespaces: { labelsOf: () => enforced },
    book: () => bookOf({ defaults, ownNamespace: 'patchline' }, noPolicies),
    kinds: createWorkloadKinds([]),
    now: () => 0,
    ...differences,
  }
}

async function rulesFor(request: AdmissionRequest, ports: EvidencePorts): Promise<ObjectRules> {
  const evidence = createEvidence(request, 800, ports)
  const known = evidence.rules()
  if (known !== undefined) return known
  await evidence.lookUp()
  const lookedUp = evidence.rules()
  if (lookedUp === undefined) throw new Error('looked up, and still missing')
  return lookedUp
}

async function policyFor(request: AdmissionRequest, ports: EvidencePorts): Promise<ImageRules> {
  return (await rulesFor(request, ports)).of(nginx[0])
}

t.test('labels from memory, from a look-up, and none', async t => {
  const rows: [string, NamespaceLabels['labelsOf'], string, boolean][] = [
    ['in memory', () => enforced, 'enforce', false],
    ['no such namespace', () => undefined, 'warn', false],
    ['looked up', () => Promise.resolve(enforced), 'enforce', true],
    ['looked up, no such namespace', () => Promise.resolve(undefined), 'warn', true],
    ['cannot be had', () => Promise.reject(new Error('no cluster')), 'warn', true],
    ['not in time', () => new Promise(() => undefined), 'warn', true],
  ]
  for (const [name, labelsOf, mode, isWaitedFor] of rows) {
    const timeLimit = timeLimitOf()
    const policy = await policyFor(requestOf(), portsOf({ namespaces: { labelsOf }, timeLimit }))
    t.equal(policy.mode, mode, name)
    t.strictSame(timeLimit.waited, isWaitedFor ? [400] : [], name)
  }
})

t.test('nothing is asked where there is no namespace', async t => {
  const namespaces = {
    labelsOf() {
      throw new Error('asked')
    },
  }
  t.equal((await policyFor(requestOf({ namespace: '' }), portsOf({ namespaces }))).mode, 'warn')
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
    t.equal((await policyFor(requestOf({ namespace }), portsOf())).mode, mode, namespace)
    const off = portsOf({ namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'off' }) } })
    t.equal((await policyFor(requestOf({ namespace }), off)).mode, 'off', namespace)
  }
})

t.test('the strategy comes from the object, and what is wrong is named', async t => {
  const annotations = { 'patchline.dev/strategy': 'minor', other: 'x' }
  const ports = portsOf({ namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'loud' }) } })
  const rules = await rulesFor(requestOf({ object: { metadata: { annotations } } }), ports)
  t.match(rules.of(nginx[0]), { mode: 'warn', strategy: 'minor', strategyFrom: 'annotation', ignored: [] })
  t.strictSame(rules.problems(), [
    'namespace label patchline.dev/mode=loud is none of off, audit, warn, enforce: it is ignored',
  ])
})

t.test('access from memory, from a look-up, and none', async t => {
  const never = new Promise<never>(() => undefined)
  const rows: readonly (readonly [
    string,
    AccessSource['accessOf'] | undefined,
    Access | undefined,
    number[],
  ])[] = [
    ['no source', undefined, undefined, [800]],
    ['in memory', () => own, own, [800]],
    ['looked up', () => Promise.resolve(own), own, [400, 400]],
    ['not in time', () => never, undefined, [400, 400]],
  ]
  for (const [name, accessOf, access, waited] of rows) {
    const wanted: WantedTags[] = []
    const known = (asked: WantedTags): undefined => void wanted.push(asked)
    const ports = portsOf({
      catalog: { known, lookUp: () => never },
      ...(accessOf && { access: { accessOf } }),
    })
    const timeLimit = timeLimitOf()
    const evidence = createEvidence(requestOf(), 800, { ...ports, timeLimit })
    const judging = { purpose: 'verdict', images: nginx, strategy: 'patch' } as const
    for (let judged = evidence.judge(judging); judged === undefined; judged = evidence.judge(judging))
      await evidence.lookUp()
    t.ok(
      wanted.every(asked => asked.access === access),
      name,
    )
    t.strictSame(timeLimit.waited, waited, name)
  }
})

t.test('who asks is whom the kubelet would pull as', async t => {
  const asked: PullIdentity[] = []
  const access: AccessSource = {
    accessOf(requester) {
      asked.push(requester)
      return own
    },
  }
  const podSpec = { serviceAccountName: 'app', imagePullSecrets: [{ name: 'regcred' }], containers: [] }
  for (const request of [
    requestOf({ object: deployments.object(podSpec) }),
    requestOf({ object: null, namespace: 'other' }),
    requestOf({ resource: { group: '', resource: 'configmaps', subresource: '' } }),
  ])
    createEvidence(request, 800, portsOf({ access })).judge({
      purpose: 'verdict',
      images: nginx,
      strategy: 'patch',
    })
  t.strictSame(asked, [
    { namespace: 'shop', serviceAccount: 'app', pullSecrets: ['regcred'] },
    { namespace: 'other', serviceAccount: 'default', pullSecrets: [] },
  ])
})

t.test('what was looked up for a review is looked up once', async t => {
  const { catalog } = portsOf()
  let lookUps = 0
  const slow = {
    known: () => undefined,
    lookUp(wanted: WantedTags) {
      lookUps++
      const known = catalog.known(wanted)
      return known === undefined ? Promise.reject(new Error('not known')) : Promise.resolve(known)
    },
  }
  let asked = 0
  const running = { imagesIn: () => Promise.resolve(asked++ === 0 ? ['nginx:1.25.1'] : undefined) }
  const evidence = createEvidence(requestOf(), 800, portsOf({ catalog: slow, running }))
  const judging = { purpose: 'verdict', images: nginx, strategy: 'patch' } as const
  t.equal(evidence.judge(judging), undefined)
  await evidence.lookUp()
  t.match(evidence.judge(judging), [{ container: 'web', evaluation: { newest: '1.25.5' } }])
  t.match(evidence.judge(judging), [{ evaluation: { newest: '1.25.5' } }])
  t.equal(lookUps, 1)
  const source = { kind: 'pods', namespace: 'shop' } as const
  t.equal(evidence.running(source), undefined)
  await evidence.lookUp()
  t.strictSame([evidence.running(source), evidence.running(source)], [['nginx:1.25.1'], ['nginx:1.25.1']])
  t.equal(asked, 1)
  t.strictSame(createEvidence(requestOf(), 800, portsOf()).running(source), [])
})
