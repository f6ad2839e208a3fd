import t from 'tap'
import {
  createReviewer,
  type AdmissionRequest,
  type Labels,
  type NamespaceLabels,
  type Reviewed,
} from '../../src/admission/index.ts'
import {
  TagSourceError,
  type AccessSource,
  type DigestCatalog,
  type TagCatalog,
} from '../../src/evaluation/index.ts'
import type { Policy } from '../../src/policy/index.ts'
import {
  createWorkloadKinds,
  customKinds,
  shippedKinds,
  type WorkloadKinds,
} from '../../src/workload/index.ts'
import { contentOf, digestsOf } from '../evaluation/fake-catalogs.ts'
import { workloadNamed } from '../workload/workloads.ts'
import { operationsOf, patched } from './json-patch.ts'
import {
  catalogOf,
  containers,
  controller,
  deployment,
  knownTags,
  ownerReferences,
  timeLimitOf,
  requestOf,
} from './situations.ts'

const warning = 'patchline: web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
const images =
  '{"web":{"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"}}'
const facts = { 'patchline.dev/status': 'outdated', 'patchline.dev/images': images }
const deployments = workloadNamed('deployments')
const pods = workloadNamed('pods')

function reviewerOf({
  labels = {},
  namespaces = { labelsOf: () => labels },
  catalog = catalogOf(knownTags),
  defaults = { mode: 'warn', strategy: 'patch' },
  kinds = createWorkloadKinds(customKinds(shippedKinds)),
  access,
  digests,
}: {
  labels?: Labels
  namespaces?: NamespaceLabels
  catalog?: TagCatalog
  defaults?: Policy
  kinds?: WorkloadKinds
  access?: AccessSource
  digests?: DigestCatalog
} = {}) {
  const settings = { defaults, ownNamespace: 'patchline', controllers: ['flux'] }
  const asked = { catalog, timeLimit: timeLimitOf(), now: () => 0, namespaces, kinds, settings }
  return createReviewer({ ...asked, ...(access && { access }), ...(digests && { digests }) })
}

function decisionOf({ event }: Reviewed): string {
  return `${event.decision} ${event.evaluations.map(({ image, verdict }) => `${image} ${verdict}`).join(', ')}`.trim()
}

t.test('an object that was too large to be read is answered by who asks for what', async t => {
  const request = requestOf({ isWhole: false, object: { metadata: { name: 'web' } } })
  const enforcing = reviewerOf({ labels: { 'patchline.dev/mode': 'enforce' } })
  const refused = await enforcing.validate(request, 800)
  t.strictSame(refused.response, {
    uid: 'uid-1',
    allowed: false,
    status: {
      code: 403,
      reason: 'Forbidden',
      message: `Deployment web: cannot be checked: it is too large. Make it smaller, or have the namespace "${request.namespace}" labelled patchline.dev/mode=warn.`,
    },
    auditAnnotations: { unjudged: 'too-large' },
  })
  const warned = await reviewerOf().validate(request, 800)
  t.strictSame(warned.response.warnings, ['patchline: Deployment web not checked: it is too large'])
  const owned = {
    metadata: { name: 'web', ownerReferences: [{ apiVersion: 'x.example/v1', kind: 'X', controller: true }] },
  }
  const child = { ...request, object: owned, user: { name: 'system:serviceaccount:x:operator', groups: [] } }
  const spared = await enforcing.validate(child, 800)
  t.strictSame([spared.response.allowed, spared.event.decision], [true, 'unjudged'])
  t.strictSame((await enforcing.validate({ ...request, operation: 'DELETE' }, 800)).response, {
    uid: 'uid-1',
    allowed: true,
  })
  t.strictSame(
    (await reviewerOf({ labels: { 'patchline.dev/mode': 'off' } }).validate(request, 800)).response,
    { uid: 'uid-1', allowed: true },
  )
  t.strictSame((await reviewerOf().mutate(request, 800)).response, { uid: 'uid-1', allowed: true })
})

t.test('what cannot be judged can be deleted: that ends by updates which take finalizers away', async t => {
  const enforcing = reviewerOf({ labels: { 'patchline.dev/mode': 'enforce' } })
  const template = { spec: { containers: many(501, false) } }
  const rows = [
    [false, {}],
    [true, { spec: { template } }],
  ] as const
  for (const [isWhole, rest] of rows)
    for (const operation of ['CREATE', 'UPDATE'])
      for (const deletionTimestamp of [undefined, '2026-01-01T00:00:00Z']) {
        const metadata = { name: 'web', ...(deletionTimestamp !== undefined && { deletionTimestamp }) }
        const request = requestOf({ operation, isWhole, object: { metadata, ...rest }, oldObject: {} })
        const { response } = await enforcing.validate(request, 800)
        const isLetThrough = operation === 'UPDATE' && deletionTimestamp !== undefined
        t.equal(response.allowed, isLetThrough, `${operation} ${deletionTimestamp} ${isWhole}`)
      }
  const readable = requestOf({ operation: 'UPDATE', oldObject: {} })
  const object = { ...Object(readable.object), metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }
  const { response } = await enforcing.validate({ ...readable, object }, 800)
  t.equal(response.allowed, false, 'what can be judged is')
})

const many = (count: number, distinct: boolean) =>
  Array.from({ length: count }, (_, at) => ({ name: `c${at}`, image: `nginx:1.25.${distinct ? at : 5}` }))

t.test('an object that names too many images is answered as a whole', async t => {
  const specs = [many(101, true), many(501, false), many(300_000, true)]
  for (const spec of specs) {
    const request = requestOf({
      object: { metadata: { name: 'web' }, spec: { template: { spec: { containers: spec } } } },
    })
    const refused = await reviewerOf({ labels: { 'patchline.dev/mode': 'enforce' } }).validate(request, 800)
    t.strictSame(refused.response, {
      uid: 'uid-1',
      allowed: false,
      status: {
        code: 403,
        reason: 'Forbidden',
        message: `Deployment web: cannot be checked: it names more than 100 images. Name fewer, or have the namespace "${request.namespace}" labelled patchline.dev/mode=warn.`,
      },
      auditAnnotations: { unjudged: 'too-many-images' },
    })
    t.equal(refused.event.decision, 'unjudged')
    const warned = await reviewerOf().validate(request, 800)
    t.strictSame(warned.response.warnings, [
      'patchline: Deployment web not checked: it names more than 100 images',
    ])
    t.strictSame([warned.response.allowed, warned.event.decision], [true, 'unjudged'])
    t.notOk((await reviewerOf().mutate(request, 800)).response.warnings)
  }
})

t.test('a person creates an outdated Deployment', async t => {
  const reviewer = reviewerOf()
  const validated = await reviewer.validate(requestOf(), 800)
  t.strictSame(validated.response, {
    uid: 'uid-1',
    allowed: true,
    warnings: [warning],
    auditAnnotations: { outdated: 'web: nginx:1.25.1 -> 1.25.5' },
  })
  t.match(validated.event, {
    endpoint: 'validate',
    uid: 'uid-1',
    operation: 'CREATE',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'web',
    decision: 'warned',
    evaluations: [{ image: 'nginx:1.25.1', verdict: 'outdated' }],
  })
  const mutated = await reviewer.mutate(requestOf(), 800)
  t.equal(decisionOf(mutated), 'patched nginx:1.25.1 outdated')
  t.match(mutated.response, { uid: 'uid-1', allowed: true, patchType: 'JSONPatch' })
  t.strictSame(Object.keys(mutated.response), ['uid', 'allowed', 'patchType', 'patch'])
  t.strictSame(operationsOf(mutated.response.patch ?? ''), [
    { op: 'add', path: '/metadata/annotations', value: facts },
  ])
})

t.test('what each mode does', async t => {
  const rows: [string, string, string][] = [
    ['off', 'skipped', 'skipped'],
    ['audit', 'allowed nginx:1.25.1 outdated', 'patched nginx:1.25.1 outdated'],
    ['warn', 'warned nginx:1.25.1 outdated', 'patched nginx:1.25.1 outdated'],
    ['enforce', 'denied nginx:1.25.1 outdated', 'patched nginx:1.25.1 outdated'],
  ]
  for (const [mode, validated, mutated] of rows) {
    const reviewer = reviewerOf({ labels: { 'patchline.dev/mode': mode } })
    t.equal(decisionOf(await reviewer.validate(requestOf(), 800)), validated, mode)
    t.equal(decisionOf(await reviewer.mutate(requestOf(), 800)), mutated, mode)
  }
})

const accessOf = (): never => {
  throw new Error('a secret was read')
}

t.test('off asks nobody', async t => {
  const catalog = catalogOf(knownTags)
  for (const how of [
    { defaults: { mode: 'off', strategy: 'patch' } as const },
    { labels: { 'patchline.dev/mode': 'off' } },
  ]) {
    const reviewer = reviewerOf({ ...how, catalog, access: { accessOf } })
    await reviewer.validate(requestOf(), 800)
    await reviewer.mutate(requestOf(), 800)
  }
  t.strictSame(catalog.asked, [])
})

t.test('what is no concern of anybody is skipped', async t => {
  const rows: [string, Partial<AdmissionRequest>][] = [
    ['a deletion', { operation: 'DELETE', object: null, oldObject: deployment('nginx:1.25.1') }],
    ['another resource', { resource: { group: '', resource: 'configmaps', subresource: '' } }],
    [
      'a pod that its own controller makes',
      {
        user: controller,
        resource: pods.resource,
        object: pods.object(containers('nginx:1.25.1'), { ownerReferences }),
      },
    ],
    ['an object without images', { object: { metadata: {}, spec: { template: null } } }],
  ]
  for (const [name, differences] of rows) {
    const reviewer = reviewerOf({ labels: { 'patchline.dev/mode': 'enforce' } })
    const request = requestOf(differences)
    for (const reviewed of [await reviewer.validate(request, 800), await reviewer.mutate(request, 800)]) {
      t.strictSame(reviewed.response, { uid: 'uid-1', allowed: true }, name)
      t.equal(decisionOf(reviewed), 'skipped', name)
    }
  }
})

const operator = { name: 'system:serviceaccount:databases:cnpg', groups: ['system:serviceaccounts'] }
const ofCluster = requestOf({
  kind: 'Pod',
  name: 'pg-0',
  resource: pods.resource,
  user: operator,
  object: pods.object(containers('nginx:1.25.1'), {
    name: 'pg-0',
    ownerReferences: [
      { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg', uid: 'u', controller: true },
    ],
  }),
})

t.test('a pod that an operator makes again is let through, and told', async t => {
  const told = 'patchline: pg-0: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
  const outdated = 'web: nginx:1.25.1 -> 1.25.5'
  const rows: [string, string, object][] = [
    ['enforce', 'spared', { warnings: [told], auditAnnotations: { spared: outdated } }],
    ['warn', 'warned', { warnings: [told], auditAnnotations: { outdated } }],
    ['audit', 'allowed', { auditAnnotations: { outdated } }],
  ]
  for (const [mode, decision, expected] of rows) {
    const reviewer = reviewerOf({ labels: { 'patchline.dev/mode': mode } })
    const { response, event } = await reviewer.validate(ofCluster, 800)
    t.strictSame(response, { uid: 'uid-1', allowed: true, ...expected }, mode)
    t.match(event, { decision, user: operator.name })
    t.equal(decisionOf(await reviewer.mutate(ofCluster, 800)), 'patched nginx:1.25.1 outdated')
  }
  const named = { ...ofCluster, user: { name: 'flux', groups: [] } }
  const reviewer = reviewerOf({ labels: { 'patchline.dev/mode': 'enforce' } })
  t.strictSame((await reviewer.validate(named, 800)).response, {
    uid: 'uid-1',
    allowed: true,
    auditAnnotations: { spared: outdated },
  })
  t.equal(decisionOf(await reviewer.mutate(named, 800)), 'skipped')
  const inWarn = await reviewerOf({ labels: { 'patchline.dev/mode': 'warn' } }).validate(named, 800)
  t.equal(decisionOf(inWarn), 'skipped')
})

t.test('custom kinds with pod templates are workloads', async t => {
  const containers = [{ name: 'main', image: 'nginx:1.25.1' }]
  const rollout = {
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.25.1' }] } } },
  }
  const resource = { group: 'argoproj.io', resource: 'rollouts', subresource: '' }
  const ofRollout = requestOf({ kind: 'Rollout', resource, object: rollout })
  const enforced = reviewerOf({ labels: { 'patchline.dev/mode': 'enforce' } })
  const refused = await enforced.validate(ofRollout, 800)
  t.equal(
    refused.response.status?.message,
    'Rollout web: container web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the Rollout with patchline.dev/strategy=rebuild, or have the namespace "shop" labelled patchline.dev/mode=warn.',
  )
  t.strictSame((await reviewerOf().validate(ofRollout, 800)).response.warnings, [warning])
  t.equal(decisionOf(await reviewerOf().mutate(ofRollout, 800)), 'patched nginx:1.25.1 outdated')
  const status = { ...ofRollout, resource: { ...resource, subresource: 'status' } }
  t.equal(decisionOf(await enforced.validate(status, 800)), 'skipped')
  const own = requestOf({
    kind: 'Farm',
    resource: { group: 'example.com', resource: 'farms', subresource: '' },
    object: {
      metadata: { name: 'web' },
      spec: {
        sets: [
          { name: 'a', template: { spec: { containers } } },
          { name: 'b', template: { spec: { containers: [{ name: 'main', image: 'nginx:1.25.2' }] } } },
        ],
      },
    },
  })
  t.equal(decisionOf(await enforced.validate(own, 800)), 'skipped', 'not configured')
  const kinds = createWorkloadKinds(
    customKinds([{ group: 'example.com', kind: 'Farm', podTemplate: 'spec.sets[].template' }]),
  )
  const configured = reviewerOf({ kinds })
  t.strictSame((await configured.validate(own, 800)).response.warnings, [
    'patchline: web/a/main: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)',
    'patchline: web/b/main: nginx:1.25.2 is 3 versions behind 1.25.5 (line 1.25)',
  ])
})

t.test('no controller waits for a first look-up or for labels', async t => {
  const slow = {
    known: () => undefined,
    lookUp: () => new Promise<never>(() => undefined),
  }
  const timeLimit = timeLimitOf()
  const labels = new Promise<Labels>(() => undefined)
  const settings = {
    defaults: { mode: 'enforce', strategy: 'patch' },
    ownNamespace: 'patchline',
    controllers: [],
  } as const
  const reviewer = createReviewer({
    catalog: slow,
    timeLimit,
    now: () => 0,
    namespaces: { labelsOf: () => labels },
    settings,
  })
  const { response } = await reviewer.validate(ofCluster, 800)
  t.strictSame(response.warnings, ['patchline: pg-0: nginx:1.25.1 not checked yet'])
  await reviewer.mutate(ofCluster, 800)
  t.strictSame([...new Set(timeLimit.waited)], [0])
})

t.test('an edit of labels is not warned about, but its annotations are kept right', async t => {
  const reviewer = reviewerOf()
  const request = requestOf({ operation: 'UPDATE', oldObject: deployment('nginx:1.25.1') })
  t.equal(decisionOf(await reviewer.validate(request, 800)), 'skipped')
  t.equal(decisionOf(await reviewer.mutate(request, 800)), 'patched nginx:1.25.1 outdated')
  const annotated = {
    ...request,
    object: deployments.object(containers('nginx:1.25.1'), { annotations: facts }),
  }
  const again = await reviewer.mutate(annotated, 800)
  t.strictSame(again.response, { uid: 'uid-1', allowed: true })
  t.equal(decisionOf(again), 'allowed nginx:1.25.1 outdated')
})

t.test('a mistyped policy is told even where no image is due', async t => {
  const reviewer = reviewerOf({ labels: { 'patchline.dev/mode': 'loud' } })
  const object = deployments.object(containers('nginx:1.25.5'), {
    annotations: { 'patchline.dev/strategy': 'mjaor' },
  })
  const problems = [
    'patchline: namespace label patchline.dev/mode=loud is none of off, audit, warn, enforce: it is ignored',
    'patchline: annotation patchline.dev/strategy=mjaor is none of rebuild, patch, minor, major: it is ignored',
  ]
  const created = await reviewer.validate(requestOf({ object }), 800)
  t.strictSame(created.response, { uid: 'uid-1', allowed: true, warnings: problems })
  const edited = await reviewer.validate(
    requestOf({ operation: 'UPDATE', object, oldObject: deployment('nginx:1.25.5') }),
    800,
  )
  t.strictSame(edited.response, { uid: 'uid-1', allowed: true, warnings: problems })
  t.equal(decisionOf(edited), 'warned')
})

t.test('labels that cannot be had leave the defaults', async t => {
  const namespaces = { labelsOf: () => Promise.reject(new Error('no cluster')) }
  t.equal((await reviewerOf({ namespaces }).validate(requestOf(), 800)).event.decision, 'warned')
})

t.test('knowledge that is not there yet', async t => {
  const catalog = catalogOf({
    'docker.io/library/nginx': new TagSourceError('not-checked-yet', 'a first look-up goes on'),
  })
  const reviewer = reviewerOf({ catalog, labels: { 'patchline.dev/mode': 'enforce' } })
  const validated = await reviewer.validate(requestOf(), 800)
  t.strictSame(validated.response, {
    uid: 'uid-1',
    allowed: true,
    warnings: ['patchline: web: nginx:1.25.1 not checked yet'],
  })
  const first = await reviewer.mutate(requestOf(), 800)
  t.match(operationsOf(first.response.patch ?? ''), [{ value: { 'patchline.dev/status': 'unknown' } }])
  const object = deployments.object(containers('nginx:1.25.1'), { annotations: facts })
  const update = { operation: 'UPDATE', oldObject: object }
  const again = await reviewer.mutate(requestOf({ ...update, object }), 800)
  t.strictSame(again.response, { uid: 'uid-1', allowed: true })
  const other = deployments.object(containers('nginx:1.25.2'), { annotations: facts })
  t.equal((await reviewer.mutate(requestOf({ ...update, object: other }), 800)).event.decision, 'patched')
})

async function applied(catalog: TagCatalog, oldObject: unknown, digests?: DigestCatalog): Promise<unknown> {
  const request = requestOf({ operation: 'UPDATE', object: oldObject, oldObject })
  const reviewer = reviewerOf({ catalog, ...(digests && { digests }) })
  const { patch } = (await reviewer.mutate(request, 800)).response
  return patch === undefined ? undefined : patched(oldObject, patch)
}

t.test('a tag upstream, and replicas with lists of different age, change no annotation', async t => {
  const nginx = 'docker.io/library/nginx'
  const old = catalogOf({ [nginx]: ['1.25.1', '1.25.2'] })
  const newer = catalogOf({ [nginx]: ['1.25.1', '1.25.2', '1.25.3'] })
  const newest = catalogOf({ [nginx]: ['1.25.1', '1.25.2', '1.25.3', '1.25.4'] })
  const gone = catalogOf({ [nginx]: ['1.25.1', '1.25.3'] })
  const bare = deployment('nginx:1.25.2')
  const four = ['1.25.1', '1.25.2', '1.25.3', '1.25.4']
  const there = Object.fromEntries(four.map((tag, at) => [tag, contentOf(String(at))]))
  const outdated = await applied(newer, bare)
  t.match(outdated, { metadata: { annotations: { 'patchline.dev/status': 'outdated' } } })
  t.equal(await applied(newest, outdated), undefined, 'a still newer tag')
  t.equal(await applied(old, outdated, digestsOf(there)), undefined, 'a list from before the newer tag')
  const deleted = await applied(old, outdated, digestsOf({ ...there, '1.25.3': 'gone' }))
  t.match(deleted, { metadata: { annotations: { 'patchline.dev/status': 'current' } } })
  const current = await applied(old, bare)
  t.match(current, { metadata: { annotations: { 'patchline.dev/status': 'current' } } })
  t.match(await applied(newer, current), outdated, 'a newer tag of a current one is another verdict')
  t.equal(await applied(gone, outdated), undefined, 'the tag itself is gone')
})

t.test('an annotation that a request brings along, or leaves out, is put right', async t => {
  const stored = deployments.object(containers('nginx:1.25.1'), { annotations: facts })
  const forged = { ...facts, 'patchline.dev/images': images.replace('1.25.5', '9.9.9') }
  for (const annotations of [forged, {}, { 'patchline.dev/status': 'current' }]) {
    const object = deployments.object(containers('nginx:1.25.1'), { annotations })
    const request = requestOf({ operation: 'UPDATE', object, oldObject: stored })
    const { patch = '' } = (await reviewerOf().mutate(request, 800)).response
    t.strictSame(patched(object, patch), stored)
  }
  const changedMeanwhile = requestOf({
    operation: 'UPDATE',
    object: deployment('nginx:1.25.5'),
    oldObject: stored,
  })
  const { patch = '' } = (await reviewerOf().mutate(changedMeanwhile, 800)).response
  t.match(patched(changedMeanwhile.object, patch), {
    metadata: { annotations: { 'patchline.dev/status': 'current' } },
  })
})

t.test('facts that were not written here are not written back', async t => {
  const fact = '"image":"nginx:1.25.1","verdict":"outdated","newest":"1.25.5","behind":4,"reason":"newer"'
  const texts = [
    `{"web":{${fact},"n":"→"},"omitted":1}`,
    `{"web":{${fact},"n":"${'x'.repeat(9000)}"},"omitted":1}`,
  ]
  for (const text of texts) {
    const annotations = { 'patchline.dev/status': 'outdated', 'patchline.dev/images': text }
    const both = containers('nginx:1.25.1', 'nginx:1.25.1')
    const request = requestOf({
      operation: 'UPDATE',
      object: deployments.object(both),
      oldObject: deployments.object(both, { annotations }),
    })
    const { patch = '' } = (await reviewerOf().mutate(request, 800)).response
    t.match(patched(request.object, patch), {
      metadata: { annotations: { 'patchline.dev/images': /^\{"web":.*"web2":[^→]*\}$/ } },
    })
  }
})

t.test('all the look-ups of a request together take its budget, not each of them', async t => {
  let now = 0
  const waited: number[] = []
  const timeLimit = {
    wait<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
      waited.push(milliseconds)
      now += milliseconds
      return promise.then(() => undefined)
    },
  }
  const running = { imagesIn: () => Promise.resolve(undefined) }
  const catalog = catalogOf(knownTags)
  const digests = digestsOf({ '1.25.5': contentOf('b') })
  const { settings, namespaces } = enforcing()
  const reviewer = createReviewer({
    catalog,
    digests,
    timeLimit,
    now: () => now,
    namespaces,
    running,
    settings,
  })
  const resource = pods.resource
  const request = requestOf({ kind: 'Pod', resource, object: pods.object(containers('nginx:1.25.1')) })
  await reviewer.validate(request, 800)
  t.ok(now <= 800, `${now} ms: ${waited.join(', ')}`)
  t.ok(waited.length > 1, 'there were more of them')
})

function enforcing() {
  const namespaces = { labelsOf: () => ({ 'patchline.dev/mode': 'enforce' }) }
  const defaults = { mode: 'warn', strategy: 'patch' } as const
  return { namespaces, settings: { defaults, ownNamespace: 'patchline', controllers: [] } }
}

t.test('off takes the annotations away, and has nothing more to say', async t => {
  const reviewer = reviewerOf({ labels: { 'patchline.dev/mode': 'off' } })
  const object = deployments.object(containers('nginx:1.25.1'), { annotations: { ...facts, a: 'b' } })
  const { response, event } = await reviewer.mutate(requestOf({ object }), 800)
  const without = patched(object, response.patch ?? '')
  t.strictSame(without, deployments.object(containers('nginx:1.25.1'), { annotations: { a: 'b' } }))
  t.equal(event.decision, 'patched')
  t.equal(decisionOf(await reviewer.mutate(requestOf({ object: without }), 800)), 'skipped')
})

t.test('stale data refuses nobody', async t => {
  const catalog = catalogOf(knownTags, { age: 50 * 3_600_000, stale: true })
  const reviewer = reviewerOf({ catalog, labels: { 'patchline.dev/mode': 'enforce' } })
  const { response } = await reviewer.validate(requestOf(), 800)
  t.equal(response.allowed, true)
  t.strictSame(response.warnings, [`${warning} (data is 2 days old)`])
})

t.test('nobody is refused where the cluster heals, and a person is warned there', async t => {
  const labels = { 'patchline.dev/mode': 'enforce' }
  for (const namespace of ['kube-system', 'kube-public', 'kube-node-lease', 'patchline']) {
    const { response } = await reviewerOf({ labels }).validate(requestOf({ namespace }), 800)
    t.strictSame([response.allowed, response.warnings], [true, [warning]], namespace)
  }
})

t.test('the same image in many containers is evaluated once', async t => {
  const object = deployment('nginx:1.25.1', 'nginx:1.25.1', 'busybox:1.36.1')
  const { event, response } = await reviewerOf().validate(requestOf({ object }), 800)
  t.strictSame(
    event.evaluations.map(({ image }) => image),
    ['nginx:1.25.1', 'busybox:1.36.1'],
  )
  t.strictSame(response.warnings, [warning.replace('web', '2 containers (web/web, web2)')])
})
