import * as fc from 'fast-check'
import t from 'tap'
import { recordOf, recordShape } from '../../src/inventory/index.ts'
import { project } from '../../src/json/index.ts'
import { workloadKinds, type WorkloadKind } from '../../src/workload/index.ts'

const projected = (kind: WorkloadKind, json: string): unknown =>
  project(new TextEncoder().encode(json), recordShape(kind)).value

/** Mostly what belongs there, sometimes anything. */
const odd = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: usual }, fc.jsonValue({ maxDepth: 2 }))
const text = odd(fc.constantFrom('', 'web', 'nginx:1.25', 'auto', 'ä"\\\n', 'default'))
const items = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => odd(fc.array(item, { maxLength: 3 }))
const object = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> =>
  odd(
    fc
      .record({ ...model, beside: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: [] })
      .map(value =>
        'uid' in model && !('controller' in model) ? { name: 'web', uid: '1', ...value } : value,
      ),
  )

const digest = `nginx@sha256:${'a'.repeat(64)}`
const container = object({ name: text, image: text, env: items(text) })
const status = object({ name: text, image: text, imageID: odd(fc.constantFrom(digest, 'sha256:1')) })
const podSpec = object({
  serviceAccountName: text,
  serviceAccount: text,
  imagePullSecrets: items(object({ name: text })),
  containers: items(container),
  initContainers: items(container),
  ephemeralContainers: items(container),
  volumes: items(
    object({ name: text, image: object({ reference: text, pullPolicy: text }), configMap: text }),
  ),
})
const texts = odd(
  fc.dictionary(
    fc.constantFrom(
      'patchline.dev/mode',
      'kubernetes.io/config.mirror',
      'helm.sh/chart',
      'sidecar.istio.io/inject',
    ),
    text,
  ),
)
const owner = object({ apiVersion: text, kind: text, name: text, uid: text, controller: odd(fc.boolean()) })
const metadata = object({
  name: odd(fc.constant('web')),
  namespace: text,
  uid: odd(fc.constant('1')),
  deletionTimestamp: odd(fc.constant('')),
  labels: texts,
  annotations: texts,
  ownerReferences: items(owner),
  managedFields: items(fc.jsonValue()),
})
const condition = object({
  type: odd(fc.constantFrom('Complete', 'Ready')),
  status: odd(fc.constant('True')),
})
const statusOf = object({
  phase: odd(fc.constantFrom('Running', 'Failed')),
  conditions: items(condition),
  containerStatuses: items(status),
  initContainerStatuses: items(status),
  ephemeralContainerStatuses: items(status),
})

function objectOf({ templates = [[]] }: WorkloadKind): fc.Arbitrary<unknown> {
  const [path = []] = templates
  const replicas = odd(fc.constantFrom(0, 1))
  const [first, ...rest] = [...path, 'spec']
  const inner = rest
    .slice(1)
    .reduceRight((value, step) => object({ [step]: value, ...(step === 'spec' && { metadata }) }), podSpec)
  const spec =
    rest.length === 0 ? podSpec : object({ replicas, ...(rest[0] !== undefined && { [rest[0]]: inner }) })
  return object({ metadata, status: statusOf, [first ?? 'spec']: spec })
}

for (const kind of workloadKinds)
  t.test(`the record of a ${kind.kind} is the same by what is read of it`, async () => {
    fc.assert(
      fc.property(objectOf(kind), value => {
        const json = JSON.stringify(value)
        t.strictSame(recordOf(kind, projected(kind, json)), recordOf(kind, JSON.parse(json)), json)
      }),
      { numRuns: 300 },
    )
  })

t.test('of a pod nothing else is read', t => {
  const pod = workloadKinds.find(({ kind }) => kind === 'Pod')
  const whole = {
    metadata: { name: 'web', uid: '1', generation: 3, managedFields: [{ manager: 'helm' }] },
    spec: { nodeName: 'a', containers: [{ name: 'web', image: 'nginx:1.25', env: [{ name: 'a' }] }] },
    status: { podIP: '10.0.0.1', containerStatuses: [{ name: 'web', ready: true, imageID: digest }] },
  }
  t.strictSame(pod && projected(pod, JSON.stringify(whole)), {
    metadata: { name: 'web', uid: '1' },
    spec: { containers: [{ name: 'web', image: 'nginx:1.25' }] },
    status: { containerStatuses: [{ name: 'web', imageID: digest }] },
  })
  t.end()
})
