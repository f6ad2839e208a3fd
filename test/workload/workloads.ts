import * as fc from 'fast-check'
import { createWorkloadKinds, type Resource, type WorkloadKind } from '../../src/workload/index.ts'

/** One resource that carries a pod spec, and how its objects are made; `metadata` is the object's own. */
export interface Workload {
  readonly name: string
  readonly resource: Resource
  readonly kind: WorkloadKind
  readonly object: (podSpec: unknown, metadata?: unknown) => unknown
}

type Body = (template: object, podSpec: unknown) => object

const inSpec: Body = template => ({ spec: { template } })

/** Every resource whose requests are judged. */
export const workloads: readonly Workload[] = [
  workload('/pods', (_, spec) => ({ spec })),
  workload('/pods/ephemeralcontainers', (_, spec) => ({ spec })),
  workload('/podtemplates', template => ({ template })),
  workload('/replicationcontrollers', inSpec),
  workload('apps/deployments', inSpec),
  workload('apps/statefulsets', inSpec),
  workload('apps/daemonsets', inSpec),
  workload('apps/replicasets', inSpec),
  workload('batch/jobs', inSpec),
  workload('batch/cronjobs', template => ({ spec: { jobTemplate: { spec: { template } } } })),
]

/** The one of that name, such as `pods/ephemeralcontainers`. */
export function workloadNamed(name: string): Workload {
  const found = workloads.find(workload => workload.name === name)
  if (found === undefined) throw new Error(`${name} is not covered`)
  return found
}

const knownNames = [
  'metadata',
  'annotations',
  'ownerReferences',
  'spec',
  'template',
  'jobTemplate',
  'containers',
  'name',
  'initContainers',
  'ephemeralContainers',
  'volumes',
  'image',
  'reference',
  '__proto__',
  'controller',
  'kind',
  'kubernetes.io/config.mirror',
  'patchline.dev/images',
  'patchline.dev/strategy',
]

/** JSON of any shape, often with the names that a pod has. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    tie('object'),
    fc.array(tie('any'), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...knownNames), tie('any'), { maxKeys: 5 }),
})).any

function workload(path: string, body: Body): Workload {
  const [group = '', name = '', subresource = ''] = path.split('/')
  const resource = { group, resource: name, subresource }
  const kind = createWorkloadKinds([]).of(resource)
  if (kind === undefined) throw new Error(`${path} is not covered`)
  return {
    name: subresource === '' ? name : `${name}/${subresource}`,
    resource,
    kind,
    object: (podSpec, metadata = { name: 'web' }) => ({
      metadata,
      ...body({ metadata: { labels: { app: 'web' } }, spec: podSpec }, podSpec),
    }),
  }
}
