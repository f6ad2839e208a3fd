import type { AdmissionRequest } from '../../../src/admission/index.ts'
import type { Mode } from '../../../src/policy/index.ts'
import type { Workload } from '../../workload/workloads.ts'
import { requestOf } from '../situations.ts'
import {
  bystanders,
  images,
  ownersOf,
  users,
  type Field,
  type ImageName,
  type Pair,
} from './matrix-objects.ts'
import type { ModelImage, ModelRequest } from './reference-model.ts'
import { shapes, type Shape, type ShapeName } from './odd-shapes.ts'

/** One request of the matrix. */
export interface Case {
  readonly workload: Workload
  readonly field: Field
  readonly operation: ModelRequest['operation']
  /** In place of the workload's own. */
  readonly subresource?: string
  /** What the container had; the same as `now` where missing. */
  readonly old?: ImageName
  readonly now: ImageName
  readonly bystander?: keyof typeof bystanders
  /** Besides the images. */
  readonly change?: 'none' | 'restart' | 'label'
  readonly shape?: ShapeName
  readonly owner?: ModelRequest['owner']
  readonly pair?: Pair | undefined
  readonly user?: ModelRequest['user'] | 'shared'
  readonly namespace?: string
  readonly mode: Mode
  /** `any` where missing. */
  readonly releaseChannel?: ModelRequest['releaseChannel']
  /** What runs in the namespace. */
  readonly running?: ImageName
}

/** The same case as the webhook gets it, and as the model does. */
export function bothOf(one: Case): { readonly request: AdmissionRequest; readonly model: ModelRequest } {
  const { workload } = one
  const subresource = one.subresource ?? workload.resource.subresource
  const namespace = shapeOf(one).hasNamespace === false ? '' : (one.namespace ?? 'shop')
  return { request: requestFor(one, subresource, namespace), model: modelOf(one, subresource, namespace) }
}

function shapeOf({ shape = 'plain' }: Case): Shape {
  return shapes[shape]
}

function requestFor(one: Case, subresource: string, namespace: string): AdmissionRequest {
  const { workload, operation, field, now, old = now } = one
  const { odd, oddBefore = odd, isNamed = true } = shapeOf(one)
  const hasOld = operation === 'UPDATE' || operation === 'DELETE'
  return requestOf({
    operation,
    kind: workload.kind.kind,
    resource: { ...workload.resource, subresource },
    namespace,
    name: isNamed ? 'web' : '',
    user: userOf(one),
    object: operation === 'DELETE' ? null : odd(objectOf(one, now), field),
    oldObject: hasOld ? oddBefore(objectOf({ ...one, change: 'none' }, old), field) : null,
  })
}

function modelOf(one: Case, subresource: string, namespace: string): ModelRequest {
  const { workload, operation, now, old = now, owner = 'none', user = 'person', mode } = one
  const { saysMirror = false, isAnnotatable = true, hasLostOwner, hasLostOld } = shapeOf(one)
  return {
    operation,
    kind: workload.kind.kind,
    subresource,
    hasPodSpec: hasPodSpec(workload, subresource),
    images: imagesIn(one, now),
    oldImages: hasLostOld === true ? [] : imagesIn(one, old),
    rollsOut: rollsOut(one),
    owner: hasLostOwner === true ? 'none' : owner,
    user: user === 'shared' ? 'rule 1' : user,
    saysMirror,
    namespace,
    mode,
    releaseChannel: one.releaseChannel ?? 'any',
    isAnnotatable,
    running: runningIn(one),
  }
}

function runningIn({ running }: Case): ReadonlySet<string> {
  return new Set(running === undefined ? [] : [images[running].identity])
}

function objectOf(one: Case, image: ImageName): unknown {
  const { text } = images[image]
  const { field, change = 'none', bystander = 'current', workload } = one
  const item =
    field === 'volumes' ? { name: 'web', image: { reference: text } } : { name: 'web', image: text }
  const podSpec = {
    [field]: [item],
    [beside(field)]: [{ name: 'side', image: bystanders[bystander].text }],
    ...(change === 'restart' && { terminationGracePeriodSeconds: 5 }),
  }
  return workload.object(podSpec, {
    name: 'web',
    ownerReferences: ownersOf(one.owner ?? 'none', one.pair),
    ...(change === 'label' && { labels: { a: 'b' } }),
  })
}

function beside(field: Field): Field {
  return field === 'containers' ? 'initContainers' : 'containers'
}

function imagesIn(one: Case, name: ImageName): readonly ModelImage[] {
  const { field, bystander = 'current' } = one
  const { sees = 'all' } = shapeOf(one)
  const own: ModelImage = { ...images[name], place: `${field} web`, text: shownAs(images[name].text) }
  const other: ModelImage = { ...bystanders[bystander], place: `${beside(field)} side` }
  const seen = { all: [own, other], bystander: [other], none: [] }[sees]
  return seen.filter(({ text }) => text.trim() !== '')
}

// A message leaves out the digest.
function shownAs(text: string): string {
  return text.replace(/@.*$/, '')
}

function rollsOut(one: Case): boolean {
  const { now, old = now, change } = one
  const { sees = 'all', hasLostOld } = shapeOf(one)
  if (hasLostOld === true) return true
  if (sees === 'none') return false
  return (sees === 'all' && images[old].text !== images[now].text) || change === 'restart'
}

// Named in the API of Kubernetes; a later one may add more, which are judged.
const withoutPod = [
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'resize',
  'status',
]

function hasPodSpec({ resource }: Workload, subresource: string): boolean {
  return subresource === '' || (resource.resource === 'pods' && !withoutPod.includes(subresource))
}

function userOf({ user = 'person', pair }: Case): AdmissionRequest['user'] {
  if (user === 'shared') return { name: 'system:kube-controller-manager', groups: ['system:authenticated'] }
  if (user !== 'rule 1' || pair === undefined) return users[user]
  return { name: `system:serviceaccount:kube-system:${pair.account}`, groups: ['system:serviceaccounts'] }
}
