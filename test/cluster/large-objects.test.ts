import t from 'tap'
import type { Execution } from '../support/program/execute.ts'
import { definitionOf, editorOf } from './custom-kinds.ts'
import { startStage } from './stage.ts'
import { must, until, type Kubectl } from './tools.ts'

// What people who hold no more than `edit` can make large, deep or numerous, as the API server hands it on.

const stage = await startStage()
t.teardown(() => stage.close())
await stage.create(
  definitionOf({ group: 'argoproj.io', kind: 'Rollout', plural: 'rollouts' }, { status: false }),
)
await stage.create(editorOf(['argoproj.io']))
await stage.namespace('enforced', 'enforce')
await stage.namespace('warned')
const alice = await stage.user('alice', 'enforced')
const bob = await stage.user('bob', 'warned')
await until(
  'rights on the custom kind',
  async () => (await bob('auth can-i create rollouts -n warned')).code === 0,
)

const [outdated, current] = ['nginx:1.25.1', 'nginx:1.25.5']
const behind = 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
const denied = 'admission webhook "validate.patchline.dev" denied the request: '
const ends = 'have the namespace "enforced" labelled patchline.dev/mode=warn.'
const enoughOf = (remedy: string) => `${remedy}, or ${ends}`

/** An object with these images: JSON, for the objects are deeper than JSON.stringify goes. */
type Manifest = (name: string, image: string) => string

interface Parts {
  /** Members of the metadata. */
  readonly metadata?: string
  /** Members of the first container. */
  readonly container?: string
  /** Images of further containers. */
  readonly images?: readonly string[]
  /** Members of the pod spec. */
  readonly podSpec?: string
  /** Members of the object. */
  readonly object?: string
}

/** Further members of an object. */
const andAlso = (members: string | undefined): string => (members === undefined ? '' : `,${members}`)

/** Of a kind with a pod template. */
function workload(kind: 'Deployment' | 'Rollout', parts: Parts): Manifest {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'argoproj.io/v1'
  const others = (parts.images ?? []).map((image, index) => `,{"name":"c${index}","image":"${image}"}`)
  return (name, image) => {
    const containers = `[{"name":"main","image":"${image}"${andAlso(parts.container)}}${others.join('')}]`
    const template = `{"metadata":{"labels":{"app":"web"}},"spec":{"containers":${containers}${andAlso(parts.podSpec)}}}`
    const spec = `{"replicas":0,"selector":{"matchLabels":{"app":"web"}},"template":${template}}`
    const metadata = `{"name":"${name}"${andAlso(parts.metadata)}}`
    return `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":${metadata},"spec":${spec}${andAlso(parts.object)}}`
  }
}

function pod(parts: Parts): Manifest {
  return (name, image) =>
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"${andAlso(parts.metadata)}},"spec":{"containers":[{"name":"main","image":"${image}"${andAlso(parts.container)}}]}}`
}

const collections = {
  Deployment: ['apis/apps/v1', 'deployments'],
  Rollout: ['apis/argoproj.io/v1', 'rollouts'],
  Pod: ['api/v1', 'pods'],
} as const
type Kind = keyof typeof collections

/** Creates it as it stands: kubectl itself would write `<` as six bytes, and send no managed fields. */
function post(who: Kubectl, namespace: string, [kind, object]: readonly [Kind, string]): Promise<Execution> {
  const [api, plural] = collections[kind]
  return who(`create --raw /${api}/namespaces/${namespace}/${plural} -f -`, object)
}

const nested = (depth: number, name: string): string => `${`{"${name}":`.repeat(depth)}{}${'}'.repeat(depth)}`
const fill = `"annotations":{"fill":"${'x'.repeat(100_000)}"}`
const deepFields = (apiVersion: string): string =>
  `${fill},"managedFields":[{"manager":"deep","operation":"Update","apiVersion":"${apiVersion}","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":${nested(200, 'f:deep')}}]`
const lessThan = (count: number): string =>
  `"lifecycle":{"preStop":{"exec":{"command":["true","${'<'.repeat(count)}"]}}}`

await t.test('what is large or deep beside the images does not keep them from being judged', async t => {
  // 10,000 is as deep as Go's decoder goes.
  const rows: readonly (readonly [what: string, kind: Kind, manifest: Manifest])[] = [
    ['managed fields 200 deep', 'Deployment', workload('Deployment', { metadata: deepFields('apps/v1') })],
    ['managed fields 200 deep', 'Pod', pod({ metadata: deepFields('v1') })],
    [
      '1.25 MB that are sent as 7.5',
      'Deployment',
      workload('Deployment', { container: lessThan(1_250_000) }),
    ],
    ['1.25 MB that are sent as 7.5', 'Pod', pod({ container: lessThan(1_250_000) })],
    [
      'a status 9,900 deep',
      'Rollout',
      workload('Rollout', { metadata: fill, object: `"status":${nested(9_900, 'a')}` }),
    ],
    [
      'a pod spec 9,900 deep',
      'Rollout',
      workload('Rollout', { metadata: fill, podSpec: `"deep":${nested(9_900, 'a')}` }),
    ],
    [
      'a status of 350,000 values',
      'Rollout',
      workload('Rollout', { object: `"status":{"a":[${'0,'.repeat(350_000)}0]}` }),
    ],
  ]
  for (const [index, [what, kind, manifest]] of rows.entries()) {
    const refused = await post(alice, 'enforced', [kind, manifest('old', outdated)])
    t.equal(refused.code, 1, `${kind}: ${what}`)
    t.match(
      refused.stderr,
      `${denied}${kind} old: container main: ${behind}. Use nginx:1.25.5. To keep it on purpose, annotate the ${kind} with patchline.dev/strategy=rebuild, or ${ends}`,
    )
    const allowed = await post(alice, 'enforced', [kind, manifest(`new-${index}`, current)])
    t.equal(allowed.code, 0, `${kind}: ${what}, current: ${allowed.stderr.slice(0, 300)}`)
    t.notMatch(allowed.stderr, 'patchline')
    const warned = await post(bob, 'warned', [kind, manifest(`old-${index}`, outdated)])
    t.equal(warned.code, 0, `${kind}: ${what}, warned`)
    t.match(warned.stderr, `Warning: patchline: old-${index}: ${behind}`)
  }
  const stored = 'get deployment old-0 -n warned --show-managed-fields -o jsonpath={..managedFields}'
  t.match((await must(bob(stored))).stdout, '{"f:deep":'.repeat(200), 'the API server took all of it')
})

await t.test('of an object that is larger than the store takes, the images are judged too', async t => {
  const manifest = workload('Deployment', { container: lessThan(2_900_000) })
  const refused = await post(alice, 'enforced', ['Deployment', manifest('huge', outdated)])
  t.match(refused.stderr, `${denied}Deployment huge: container main: ${behind}`, 'sent as 17.4 MB')
})

await t.test('an update of two large objects is judged', async t => {
  const manifest = workload('Deployment', { container: lessThan(620_000) })
  await must(post(alice, 'enforced', ['Deployment', manifest('updated', current)]))
  const refused = await alice('set image deployment/updated main=nginx:1.25.1 -n enforced')
  t.equal(refused.code, 1)
  t.match(refused.stderr, `${denied}Deployment updated: container main: ${behind}`)
  await must(alice('label deployment/updated team=a -n enforced'))
  await must(post(bob, 'warned', ['Deployment', manifest('updated', current)]))
  const warned = await must(bob('set image deployment/updated main=nginx:1.25.1 -n warned'))
  t.match(warned.stderr, `Warning: patchline: updated: ${behind}`)
})

const digest = (index: number): string => `sha256:${String(index).padStart(64, '0')}`
const images = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `busybox:x${index}@${digest(index)}`)
/** More than are read. */
const manyValues = `"args":[${'"",'.repeat(350_000)}""]`
const tooMany = 'it names more than 100 images'
const tooLarge = 'it is too large'

await t.test('what cannot be checked is refused, or allowed with a warning', async t => {
  const rows: readonly (readonly [why: string, remedy: string, kind: Kind, manifest: Manifest])[] = [
    [tooMany, 'Name fewer', 'Deployment', workload('Deployment', { images: images(100) })],
    [tooMany, 'Name fewer', 'Deployment', workload('Deployment', { images: images(600) })],
    [tooLarge, 'Make it smaller', 'Deployment', workload('Deployment', { container: manyValues })],
    [
      tooLarge,
      'Make it smaller',
      'Rollout',
      workload('Rollout', { podSpec: `"many":[${'0,'.repeat(350_000)}0]` }),
    ],
  ]
  for (const [index, [why, remedy, kind, manifest]] of rows.entries()) {
    const name = `unchecked-${index}`
    const refused = await post(alice, 'enforced', [kind, manifest(name, current)])
    t.equal(refused.code, 1, `${kind}: ${why}`)
    t.match(refused.stderr, `${denied}${kind} ${name}: cannot be checked: ${why}. ${enoughOf(remedy)}`)
    const warned = await post(bob, 'warned', [kind, manifest(name, current)])
    t.equal(warned.code, 0, warned.stderr.slice(0, 300))
    t.match(warned.stderr, `Warning: patchline: ${kind} ${name} not checked: ${why}`)
  }
  const most = workload('Deployment', { images: images(99) })
  await must(post(alice, 'enforced', ['Deployment', most('most', current)]))
  const refused = await post(alice, 'enforced', ['Deployment', most('one-old', outdated)])
  t.match(refused.stderr, `${denied}Deployment one-old: container main: ${behind}`)
})

await t.test('what cannot be checked can be deleted and scaled under enforce', async t => {
  await stage.namespace('later')
  const carol = await stage.user('carol', 'later')
  const many = workload('Deployment', { container: manyValues })
  await must(post(carol, 'later', ['Deployment', many('large', current)]))
  await must(stage.kubectl('label namespace later patchline.dev/mode=enforce'))
  await until('enforcement', async () => {
    const probe = await carol('create deployment probe --image=nginx:1.25.1 -n later --dry-run=server')
    return probe.code === 1
  })
  const refused = await carol('label deployment/large team=a -n later')
  t.match(refused.stderr, `${denied}Deployment large: cannot be checked: ${tooLarge}`)
  await must(carol('scale deployment/large --replicas=1 -n later'))
  await until('its pod', async () => (await stage.get('pods -l app=web', 'later')).items.length === 1)
  // The garbage collector updates the object: it takes a finalizer away.
  await must(carol('delete deployment/large -n later --cascade=foreground --timeout=100s'))
  t.equal((await carol('get deployment/large -n later')).code, 1)
})

await t.test('an update of what is being deleted passes unread, and nothing comes of it', async t => {
  const metadata = '"finalizers":["example.com/kept"]'
  const small = workload('Deployment', { metadata })
  await must(post(alice, 'enforced', ['Deployment', small('kept', current)]))
  await until(
    'its ReplicaSet',
    async () => (await alice('rollout status deployment/kept -n enforced --timeout=5s')).code === 0,
  )
  await must(alice('delete deployment/kept -n enforced --wait=false'))
  const path = '/apis/apps/v1/namespaces/enforced/deployments/kept'
  const refused = await alice(`replace --raw ${path} -f -`, small('kept', outdated))
  t.match(refused.stderr, `${denied}Deployment kept: container main: ${behind}`, 'what can be read is judged')
  const large = workload('Deployment', { metadata, container: manyValues })
  await must(alice(`replace --raw ${path} -f -`, large('kept', outdated)))
  const seen =
    'get deployment kept -n enforced -o jsonpath={.metadata.generation}:{.status.observedGeneration}'
  await until('the controller has seen it', async () => {
    const [generation, observed] = (await must(alice(seen))).stdout.split(':')
    return generation === observed
  })
  const sets = 'get replicasets -n enforced -o jsonpath={..containers[*].image}'
  t.notMatch((await must(alice(sets))).stdout, outdated)
  await must(alice('patch deployment kept -n enforced --type=merge -p {"metadata":{"finalizers":null}}'))
  await until('it is gone', async () => (await alice('get deployment kept -n enforced')).code === 1)
})
