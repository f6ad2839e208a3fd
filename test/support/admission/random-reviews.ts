import { shippedKinds } from '../../../src/workload/index.ts'
import type { Random } from '../random/seeded.ts'
import { workloads } from '../../workload/workloads.ts'

/** A review as JSON values, mostly of the shape that an API server sends. */
export interface RandomReview {
  readonly apiVersion: string
  readonly kind: string
  readonly request: Readonly<Record<string, unknown>>
}

/** A review of any kind that Patchline judges, about an object with random images and metadata. */
export function randomReview(random: Random): RandomReview {
  const request = random.isChance(0.12) ? clusterRequest(random) : workloadRequest(random)
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: `uid-${random.below(1e9)}`, userInfo: random.pick(users), ...request },
  }
}

const users = [
  { username: 'alice', groups: ['system:authenticated'] },
  { username: 'system:serviceaccount:shop:operator', groups: ['system:serviceaccounts'] },
  { username: 'system:serviceaccount:kube-system:replicaset-controller', groups: [] },
  { username: 'system:node:one', groups: ['system:nodes'] },
] as const

const spellings = [
  'nginx',
  'docker.io/library/nginx',
  'busybox',
  'ghcr.io/org/side',
  'registry.example/app',
] as const
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const characters = [
  'a',
  'Z',
  '0',
  '-',
  '.',
  '_',
  '/',
  ':',
  '@',
  ' ',
  '~',
  '"',
  '\\',
  '\u0000',
  '\u001b',
  '\u202e',
  'ä',
  '\ud800',
  '💥',
] as const

/** Text of any characters, also of those that end lines, JSON and terminals. */
export function randomText(random: Random, most = 20): string {
  return random.several(most, () => random.pick(characters)).join('')
}

/** The text of an image, mostly one that can be judged. */
export function randomImage(random: Random): unknown {
  if (random.isChance(0.08))
    return random.pick([null, 5, true, '', ' ', [], {}, '__proto__', randomText(random, 300)])
  const tag = random.pick([
    '',
    `:1.25.${random.below(7)}`,
    ':1.36.0',
    ':latest',
    `:v1.2.${random.below(6)}`,
    `:${randomText(random)}`,
  ])
  return `${random.pick(spellings)}${tag}${random.isChance(0.2) ? `@${digest}` : ''}`
}

const lists = ['containers', 'initContainers', 'ephemeralContainers', 'volumes'] as const

function podSpec(random: Random): object {
  const most = random.isChance(0.02) ? 130 : 5
  const used = lists.filter(list => list === 'containers' || random.isChance(0.3))
  return Object.fromEntries(used.map(list => [list, random.several(most, at => item(random, list, at))]))
}

function item(random: Random, list: (typeof lists)[number], at: number): object {
  const name = random.isChance(0.9)
    ? `c${at}`
    : random.pick(['omitted', '__proto__', '', randomText(random), 'c0'])
  const image = randomImage(random)
  return list === 'volumes'
    ? { name, image: { reference: image } }
    : { name, image, ports: [{ containerPort: 80 }] }
}

const keys = [
  'a',
  'example.com/~tilde',
  '__proto__',
  'constructor',
  'patchline.dev/mode',
  'patchline.dev/strategy',
] as const
const values = ['', 'enforce', 'off', 'minor', 'rebuild', 'a/b~c', '\u202e', '{}'] as const

function annotations(random: Random): unknown {
  if (random.isChance(0.3)) return random.pick([undefined, null, {}, {}])
  if (random.isChance(0.03)) return random.pick(['a', [], 5])
  const own = random.several(4, () => [random.pick(keys), random.pick(values)])
  const ours = random.isChance(0.4) ? written(random) : []
  return Object.fromEntries([...own, ...ours])
}

/** What reviews write, or what looks like it. */
function written(random: Random): readonly (readonly [string, unknown])[] {
  const fact = {
    image: randomImage(random),
    verdict: 'outdated',
    newest: '1.25.5',
    behind: 4,
    reason: 'newer',
  }
  const images = random.pick([
    JSON.stringify({ c0: fact }),
    JSON.stringify({ c0: fact, omitted: 3 }),
    '{',
    '[]',
    randomText(random),
  ])
  const all = [
    ['patchline.dev/status', random.pick(['outdated', 'current', 'made up', 5])],
    ['patchline.dev/images', images],
  ] as const
  return all.filter(() => random.isChance(0.8))
}

function metadata(random: Random): unknown {
  if (random.isChance(0.03)) return random.pick([undefined, null, [], 'a'])
  const owner = {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    name: 'o',
    controller: random.isChance(0.7),
  }
  return {
    name: 'web',
    ...(random.isChance(0.15) && { ownerReferences: [owner] }),
    ...(random.isChance(0.1) && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    labels: { app: 'web' },
    annotations: annotations(random),
    managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }],
  }
}

type MakeObject = (spec: unknown, metadata: unknown) => object

interface Kind {
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string }
  readonly subResource: string
  readonly object: MakeObject
}

const builtIn = workloads.map(({ kind, resource, object }): Kind => ({
  kind: { group: kind.group, version: 'v1', kind: kind.kind },
  resource: { group: resource.group, version: 'v1', resource: resource.resource },
  subResource: resource.subresource,
  object: (spec, own) => Object(object(spec, own)),
}))
const custom = shippedKinds.map(({ group, kind, podTemplate }): Kind => ({
  kind: { group, version: 'v1', kind },
  resource: { group, version: 'v1', resource: `${kind.toLowerCase()}s` },
  subResource: '',
  object: (spec, own) => ({ ...nested(podTemplate, { metadata: {}, spec }), metadata: own }),
}))

function nested(path: string, template: object): object {
  if (path === '.') return template
  const made = path.split('.').reduceRight<unknown>((inside, step) => {
    const name = step.replace('[]', '')
    return { [name]: name === step ? inside : [inside, inside] }
  }, template)
  return Object(made)
}

const kinds = [...builtIn, ...builtIn, ...custom]

function workloadRequest(random: Random): Readonly<Record<string, unknown>> {
  const { kind, resource, subResource, object } = random.pick(kinds)
  const make = (): object => object(podSpec(random), metadata(random))
  const operation = random.pick(['CREATE', 'CREATE', 'UPDATE', 'UPDATE', 'UPDATE', 'DELETE'])
  const now = make()
  const before = random.isChance(0.4) ? { ...now, metadata: metadata(random) } : make()
  return {
    kind,
    resource,
    ...(subResource !== '' && { subResource }),
    operation,
    name: random.isChance(0.9) ? 'web' : '',
    namespace: random.pick(['shop', 'shop', 'kube-system', '']),
    object: operation === 'DELETE' ? null : now,
    oldObject: operation === 'CREATE' ? null : before,
  }
}

/** A request about a namespace, a policy or an exception. */
function clusterRequest(random: Random): Readonly<Record<string, unknown>> {
  const [group, resource, kind] = random.pick([
    ['', 'namespaces', 'Namespace'],
    ['patchline.dev', 'patchpolicies', 'PatchPolicy'],
    ['patchline.dev', 'patchexceptions', 'PatchException'],
  ])
  const all = (): object => ({
    mode: random.pick(['enforce', 'warn', 'strange', 5]),
    priority: random.pick([1, -1, 1e300, 'x']),
    match: { images: [randomImage(random)], kinds: [random.pick(['Deployment', randomText(random)])] },
    range: random.pick(['>=1.2 <2', '>', randomText(random)]),
    never: [random.pick(['*-rc*', '[', randomText(random)])],
    grace: { period: random.pick(['14d', '1y', 'P1D', 9]) },
    images: [randomImage(random)],
    until: random.pick(['2027-01-01T00:00:00Z', '0', 'soon']),
    reason: randomText(random),
    owner: 'team',
  })
  // With all of them hardly any would be valid.
  const spec = (): object => Object.fromEntries(Object.entries(all()).filter(() => random.isChance(0.5)))
  const object = (): object => ({
    apiVersion: 'patchline.dev/v1alpha1',
    kind,
    metadata: { name: 'one', namespace: 'shop', labels: { 'patchline.dev/mode': random.pick(values) } },
    spec: spec(),
  })
  return {
    kind: { group, version: 'v1', kind },
    resource: { group, version: 'v1', resource },
    operation: random.pick(['CREATE', 'UPDATE']),
    name: 'one',
    namespace: resource === 'namespaces' || resource === 'patchpolicies' ? '' : 'shop',
    object: object(),
    oldObject: object(),
  }
}
