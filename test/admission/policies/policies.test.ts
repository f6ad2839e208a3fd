import t from 'tap'
import {
  createReviewer,
  type AdmissionRequest,
  type ListedWorkload,
  type ListedWorkloads,
  type Reviewed,
  type ReviewEvent,
  type ReviewerOptions,
} from '../../../src/admission/index.ts'
import { orderPolicies, type PatchException, type PatchPolicy } from '../../../src/policy/index.ts'
import { bookWith, day, exceptionOf, policyOf } from '../../policy/decision/policies.ts'
import { catalogOf, containers, knownTags, requestOf, timeLimitOf } from '../situations.ts'
import { workloadNamed } from '../../workload/workloads.ts'

interface Given extends Partial<Omit<ReviewerOptions, 'policies' | 'now'>> {
  readonly rules?: readonly PatchPolicy[]
  readonly exceptions?: readonly PatchException[]
  readonly labels?: Readonly<Record<string, string>>
  readonly now?: number
}

function reviewerOf({ rules = [], exceptions = [], labels = {}, now = 0, ...given }: Given = {}) {
  return createReviewer({
    catalog: catalogOf(knownTags),
    timeLimit: timeLimitOf(),
    now: () => 0,
    namespaces: { labelsOf: () => labels },
    settings: {
      defaults: { mode: 'warn', strategy: 'patch' },
      ownNamespace: 'patchline-system',
      controllers: [],
    },
    ...given,
    policies: {
      policies: () => orderPolicies(rules),
      exceptionsIn: namespace => bookWith([], exceptions).exceptionsIn(namespace),
      now: () => now,
    },
  })
}

async function validated(request: AdmissionRequest, given: Given, budget = 800): Promise<Reviewed> {
  return reviewerOf(given).validate(request, budget)
}

const enforce = (spec: object = {}) => policyOf('strict', { mode: 'enforce', ...spec })
const behind = 'container web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5.'
const excusing = { exceptions: { namespaceSelector: {} } }

t.test('a policy refuses, and says so', async t => {
  const rows: [object, string][] = [
    [{}, 'Policy strict refuses this.'],
    [
      excusing,
      'Policy strict refuses this. To keep it for a time, create a PatchException in namespace "shop", if the policy allows it there.',
    ],
    [
      { breakGlass: {} },
      'Policy strict refuses this. In an emergency, annotate the Deployment with patchline.dev/break-glass=REASON.',
    ],
  ]
  for (const [spec, way] of rows) {
    const { response, event } = await validated(requestOf(), { rules: [enforce(spec)] })
    t.equal(response.status?.message, `Deployment web: ${behind} ${way}`)
    t.equal(event.decision, 'denied')
  }
})

t.test('an object that asks for it is refused, and told how to stop that', async t => {
  const { response } = await validated(annotated({ 'patchline.dev/mode': 'enforce' }), {})
  t.equal(
    response.status?.message,
    `Deployment web: ${behind} To keep it on purpose, take the annotation patchline.dev/mode from the Deployment.`,
  )
})

t.test('each image by its own policy', async t => {
  const object = workloadNamed('deployments').object(containers('nginx:1.25.1', 'redis:7.2.1'))
  const rules = [
    enforce({ match: { images: ['nginx'] } }),
    policyOf('z', { mode: 'off', match: { images: ['redis'] } }),
  ]
  const { response } = await validated(requestOf({ object }), { rules })
  t.match(response, {
    allowed: false,
    status: { message: `Deployment web: ${behind} Policy strict refuses this.` },
  })
  t.equal(response.warnings, undefined)
})

t.test('a review judges a hundred images, however many policies share them', async t => {
  const names = ['nginx', 'busybox', 'postgres']
  const texts = names.flatMap(name => Array.from({ length: 60 }, (_, at) => `${name}:1.25.${at}`))
  const object = workloadNamed('deployments').object(containers(...texts))
  const rules = names.map(name => policyOf(name, { mode: 'warn', match: { images: [name] } }))
  const catalog = catalogOf(knownTags)
  const { event } = await reviewerOf({ rules, catalog }).mutate(requestOf({ object }), 800)
  const unjudged = event.evaluations.filter(({ reason }) => reason === 'too-many-images')
  t.strictSame([event.evaluations.length, unjudged.length], [180, 80])
  t.equal(
    unjudged.every(({ verdict }) => verdict === 'unknown'),
    true,
  )
  t.equal(catalog.asked.length, 100)
})

function annotated(annotations: object): AdmissionRequest {
  return requestOf({
    object: workloadNamed('deployments').object(containers('nginx:1.25.1'), { annotations }),
  })
}

t.test('an emergency is told only where nothing else lets an object through', async t => {
  const emergency = annotated({ 'patchline.dev/break-glass': 'INC-7, the\nshop is down' })
  const told = { policy: 'strict', reason: 'INC-7, theshop is down' }
  const open = enforce({ breakGlass: { channel: 'on-call' } })
  const two = workloadNamed('deployments').object(containers('nginx:1.25.1', 'nginx:1.25.2'), {
    annotations: { 'patchline.dev/break-glass': 'INC-7' },
  })
  const closed = policyOf('z', { mode: 'enforce', match: { images: ['nginx:1.25.2'] }, priority: 1 })
  const rows: [string, AdmissionRequest, Given, ReviewEvent['emergency']][] = [
    ['used', emergency, { rules: [open] }, told],
    ['a dry run', { ...emergency, isDryRun: true }, { rules: [open] }, undefined],
    ['in no mode that refuses', emergency, { rules: [enforce({ mode: 'warn', breakGlass: {} })] }, undefined],
    ['no annotation', requestOf(), { rules: [enforce({ grace: { period: '2d' } })] }, undefined],
    ['grace', emergency, { rules: [enforce({ grace: { period: '2d' }, breakGlass: {} })] }, undefined],
    [
      'an image of another policy is refused',
      requestOf({ object: two }),
      { rules: [open, closed] },
      undefined,
    ],
    [
      'nothing is brought in',
      { ...emergency, operation: 'UPDATE', oldObject: emergency.object },
      { rules: [open] },
      undefined,
    ],
    [
      'a step forward, which is not refused without it either',
      {
        ...emergency,
        operation: 'UPDATE',
        oldObject: workloadNamed('deployments').object(containers('nginx:1.25.0')),
      },
      { rules: [open] },
      undefined,
    ],
  ]
  for (const [name, request, given, expected] of rows)
    t.strictSame((await validated(request, given)).event.emergency, expected, name)
})

t.test('what makes a refusal less', async t => {
  const emergency = annotated({ 'patchline.dev/break-glass': 'INC-7' })
  const graced = [enforce({ grace: { period: '2d' } })]
  const text = 'patchline: web: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
  const inShort = 'web: nginx:1.25.1 -> 1.25.5'
  t.strictSame((await validated(emergency, { rules: [enforce({ breakGlass: {} })] })).response, {
    uid: 'uid-1',
    allowed: true,
    warnings: [`${text} (break-glass)`],
    auditAnnotations: { 'break-glass': inShort, outdated: inShort },
  })
  t.match((await validated(emergency, { rules: [enforce()] })).response, {
    allowed: false,
    warnings: ['patchline: annotation patchline.dev/break-glass is ignored: policy strict does not allow it'],
  })
  t.match((await validated(requestOf(), { rules: graced })).response, {
    allowed: true,
    warnings: [`${text} (refused from 1970-01-03T00:00Z)`],
  })
  const exempt = await validated(requestOf(), { rules: [enforce(excusing)], exceptions: [exceptionOf('x')] })
  t.strictSame(exempt.response, { uid: 'uid-1', allowed: true, auditAnnotations: { exempt: inShort } })
  const ended = { rules: [enforce(excusing)], exceptions: [exceptionOf('x')], now: 11 * day }
  t.equal((await validated(requestOf(), ended)).response.allowed, false)
})

t.test('what cannot be told to be current, as the policy wants it', async t => {
  const object = workloadNamed('deployments').object(containers('nginx:latest', 'nginx:stable'))
  const others = { floating: 'refuse', unversioned: 'warn' }
  const { response } = await validated(requestOf({ object }), { rules: [enforce({ others })] })
  t.match(response, {
    allowed: false,
    status: {
      message:
        'Deployment web: container web: nginx:latest floats; pin a version to know what runs. Policy strict refuses this.',
    },
    warnings: ['patchline: web/web2: nginx:stable has no version that could be compared'],
  })
  const ignoring = [enforce({ others: { floating: 'ignore' } })]
  t.equal((await validated(requestOf({ object }), { rules: ignoring })).response.warnings, undefined)
})

t.test('an object that cannot be read is judged by the strictest policy that may be about it', async t => {
  const unread = requestOf({ isWhole: false })
  const rules = [policyOf('z', { mode: 'off', priority: 9 }), enforce({ match: { images: ['nginx'] } })]
  t.equal((await validated(unread, { rules })).response.allowed, false)
  t.equal(
    (await validated(unread, { rules: [enforce({ match: { kinds: ['Pod'] } })] })).response.allowed,
    true,
  )
})

const running = (name: string, ...images: readonly string[]): ListedWorkload => ({
  namespace: 'shop',
  name,
  group: 'apps',
  kind: 'Deployment',
  labels: {},
  annotations: {},
  access: { serviceAccount: 'default', pullSecrets: [] },
  images: images.map((image, at) => ({ container: `c${at}`, field: 'container' as const, image })),
})
const there: ListedWorkloads = {
  workloads: [
    running('a', 'nginx:1.25.1'),
    running('b', 'nginx:1.25.1', 'nginx:1.25.5'),
    running('c', 'nginx:1.25.4', 'nginx:1.25.1'),
    running('d', 'nginx:1.25.1'),
    running('e', 'nginx:1.25.5', 'quay.io/nothing/known:1'),
  ],
  isCut: false,
}
const listing = (listed: ListedWorkloads | undefined = there) => ({ list: () => Promise.resolve(listed) })

function relabelled(before: object, labels: object): AdmissionRequest {
  return requestOf({
    operation: 'UPDATE',
    kind: 'Namespace',
    resource: { group: '', resource: 'namespaces', subresource: '' },
    namespace: 'shop',
    name: 'shop',
    object: { metadata: { name: 'shop', labels } },
    oldObject: { metadata: { name: 'shop', labels: before } },
  })
}

const mode = 'patchline.dev/mode'

t.test('a label is answered with what it would refuse', async t => {
  const workloads = listing()
  const { response } = await validated(relabelled({ [mode]: 'warn' }, { [mode]: 'enforce' }), { workloads })
  t.strictSame(response, {
    uid: 'uid-1',
    allowed: true,
    warnings: [
      'patchline: namespace shop: 4 of 5 workloads would be refused now',
      'patchline: nginx:1.25.1 -> 1.25.5: 4 (shop/a, shop/b, shop/c, …)',
      'patchline: nginx:1.25.4 -> 1.25.5: 1 (shop/c)',
      'patchline: namespace shop: nothing is known yet of 1 image',
    ],
  })
  const current = listing({ workloads: [running('a', 'nginx:1.25.5')], isCut: true })
  t.strictSame(
    (await validated(relabelled({}, { [mode]: 'enforce' }), { workloads: current })).response.warnings,
    ['patchline: namespace shop: none of the first 1 workloads would be refused now'],
  )
})

t.test('what cannot refuse anything costs nothing', async t => {
  let asked = 0
  const workloads = {
    list() {
      asked++
      return Promise.resolve(there)
    },
  }
  const rows: [AdmissionRequest, number][] = [
    [relabelled({}, { other: 'x' }), 800],
    [relabelled({ [mode]: 'enforce' }, { [mode]: 'enforce' }), 800],
    [relabelled({}, { [mode]: 'enforce' }), 0],
    [{ ...relabelled({}, { [mode]: 'enforce' }), operation: 'DELETE' }, 800],
  ]
  for (const [request, budget] of rows)
    t.strictSame((await validated(request, { workloads }, budget)).response, { uid: 'uid-1', allowed: true })
  t.equal(asked, 0)
  for (const workloadsGone of [listing(undefined), { list: () => new Promise<never>(() => undefined) }])
    t.equal(
      (await validated(relabelled({}, { [mode]: 'enforce' }), { workloads: workloadsGone })).response.allowed,
      true,
    )
})

function policyRequest(spec: object, oldObject: unknown = null): AdmissionRequest {
  return requestOf({
    kind: 'PatchPolicy',
    resource: { group: 'patchline.dev', resource: 'patchpolicies', subresource: '' },
    namespace: '',
    name: 'new',
    object: { metadata: { name: 'new' }, spec },
    oldObject,
  })
}

t.test('a policy is answered with what it would refuse, and refused where it is broken', async t => {
  const workloads = listing()
  const labels = { env: 'prod' }
  const inProd = { match: { namespaceSelector: { matchLabels: labels } } }
  t.match((await validated(policyRequest({ mode: 'enforce', ...inProd }), { workloads, labels })).response, {
    allowed: true,
    warnings: ['patchline: policy new: 4 of 5 workloads would be refused now', /./, /./, /./],
  })
  t.strictSame(
    (await validated(policyRequest({ mode: 'enforce', ...inProd }), { workloads })).response.warnings,
    undefined,
  )
  t.strictSame((await validated(policyRequest({ match: { images: ['A'] }, mode: 'loud' }), {})).response, {
    uid: 'uid-1',
    allowed: false,
    status: {
      code: 422,
      reason: 'Invalid',
      message: 'PatchPolicy new: spec.mode: must be one of off, audit, warn, enforce',
    },
  })
  const same = { spec: { mode: 'loud' } }
  t.equal(
    (await validated(policyRequest({ mode: 'loud' }, same), {})).response.allowed,
    true,
    'its finalizers may go',
  )
})

function exceptionRequest(spec: object): AdmissionRequest {
  const usual = { images: ['nginx'], until: '1970-01-11T00:00:00Z', reason: 'r', owner: 'o' }
  return requestOf({
    kind: 'PatchException',
    resource: { group: 'patchline.dev', resource: 'patchexceptions', subresource: '' },
    name: 'x',
    object: { metadata: { name: 'x', namespace: 'shop' }, spec: { ...usual, ...spec } },
  })
}

t.test('an exception that could never count is refused when it is made', async t => {
  const inProd = { namespaceSelector: { matchLabels: { env: 'prod' } }, longest: '30d' }
  const rules = [enforce({ exceptions: inProd })]
  const labels = { env: 'prod' }
  const rows: [object, Given, string | undefined][] = [
    [{}, { rules, labels }, undefined],
    [
      {},
      { rules },
      'no policy allows exceptions in namespace shop: ask those who write the policies for spec.exceptions',
    ],
    [
      {},
      {},
      'no policy allows exceptions in namespace shop: ask those who write the policies for spec.exceptions',
    ],
    [{}, { rules, labels, now: 11 * day }, 'spec.until: it is over already'],
    [
      { until: '1970-02-11T00:00:00Z' },
      { rules, labels },
      'spec.until: it is too far away: the policies allow 30 days from the creation on',
    ],
    [{}, { rules, namespaces: { labelsOf: () => Promise.reject(new Error('no cluster')) } }, undefined],
  ]
  for (const [spec, given, message] of rows) {
    const { response } = await validated(exceptionRequest(spec), given)
    t.equal(
      response.status?.message,
      message && `PatchException x: ${message}`,
      JSON.stringify([spec, message]),
    )
    t.equal(response.allowed, message === undefined)
  }
})

t.test('what a policy lets be offered', async t => {
  const rows: [object, string | undefined][] = [
    [{ range: '<1.25.5' }, 'nginx:1.25.4'],
    [{ never: ['1.25.5'] }, 'nginx:1.25.4'],
    [{ never: ['1.25.*'] }, undefined],
  ]
  for (const [spec, newest] of rows) {
    const { response } = await validated(requestOf(), { rules: [enforce(spec)], now: 9 * day })
    const use = / Use (\S+)\. /.exec(response.status?.message ?? '')?.[1]
    t.equal(use, newest, JSON.stringify(spec))
  }
})

t.test('a tag that is too young is told with the time from which it is offered', async t => {
  const rules = [enforce({ minimumAge: '3d' })]
  const catalog = catalogOf(knownTags)
  const aged = (firstSeen: Readonly<Record<string, number>>): ReviewerOptions['catalog'] => ({
    known(wanted) {
      const known = catalog.known(wanted)
      return known && { ...known, knownSince: 0, firstSeen: tag => firstSeen[tag] ?? 0 }
    },
    lookUp: wanted => catalog.lookUp(wanted),
  })
  const at = { rules, now: 4 * day }
  const waiting = await validated(requestOf(), { ...at, catalog: aged({ '1.25.5': 2 * day }) })
  t.match(waiting.response.status?.message, / Use nginx:1\.25\.4\. /)
  const all = { '1.25.2': 2 * day, '1.25.3': 2 * day, '1.25.4': 2 * day, '1.25.5': 3 * day }
  t.strictSame((await validated(requestOf(), { ...at, catalog: aged(all) })).response, {
    uid: 'uid-1',
    allowed: true,
    warnings: ['patchline: web: nginx:1.25.1 has no newer tag to go to yet; 1.25.5 from 1970-01-07T00:00Z'],
  })
})
