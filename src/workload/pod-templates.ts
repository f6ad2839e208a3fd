import { itemsOf, member, mergeShapes, sameJson, textOf, type Shape } from '../json/index.ts'
import type { PodPath, WorkloadKind } from './workload-kind.ts'

/** A pod template in an object, or a pod: a value with a pod spec under `spec`. */
export interface PodTemplate {
  readonly template: unknown
  /** What distinguishes it from the others of its object: the names of the list items that contain it, else of its own member. */
  readonly label: string
}

/** The pod templates of an object in the order of its kind's paths; what is missing is undefined, so that it compares. */
export function podTemplatesOf({ templates }: WorkloadKind, object: unknown): readonly PodTemplate[] {
  const [path, ...more] = templates ?? [thePod]
  if (path === undefined) return []
  if (more.length === 0) return templatesAt(path, object)
  return [path, ...more].flatMap(one => templatesAt(one, object))
}

/**
 * Whether an update makes new pods of a workload: a pod template differs, metadata included. Scaling it and editing its
 * own metadata does not. False for a pod, which makes no others.
 */
export function startsRollout(kind: WorkloadKind, oldObject: unknown, object: unknown): boolean {
  if (kind.templates === undefined) return false
  const [before, after] = [oldObject, object].map(one =>
    podTemplatesOf(kind, one).map(({ template }) => template),
  )
  return !sameJson(before, after)
}

/** The path of the template in a pod: a pod is its own template. */
export const thePod: PodPath = []

function templatesAt(path: PodPath, object: unknown): readonly PodTemplate[] {
  const label = path.findLast(step => !isList(step) && !impersonal.has(step)) ?? ''
  let found: readonly PodTemplate[] = [{ template: object, label: path.some(isList) ? '' : label }]
  for (const step of path)
    found = isList(step)
      ? found.flatMap(from => itemsAt(step, from))
      : found.map(from => ({ template: member(from.template, step), label: from.label }))
  return found
}

// Members that every kind has: they distinguish nothing.
const impersonal: ReadonlySet<string> = new Set(['spec', 'template', 'jobTemplate'])
const listMark = '[]'

function isList(step: string): boolean {
  return step.endsWith(listMark)
}

function itemsAt(step: string, { template, label }: PodTemplate): readonly PodTemplate[] {
  const name = step.slice(0, -listMark.length)
  return itemsOf(member(template, name)).map((item, index) => {
    const own = nameOf(item) || `${name}[${index}]`
    return { template: item, label: label === '' ? own : `${label}/${own}` }
  })
}

/** The name of a list item, or of the object that it is. */
function nameOf(item: unknown): string {
  return textOf(member(item, 'name')) || textOf(member(member(item, 'metadata'), 'name'))
}

// It begins with a member that is read of a large object too (see decode-body.ts): else its size would decide whether it is judged.
const members = /^(?:spec|template)(?:\[\])?(?:\.[A-Za-z_][\w-]*(?:\[\])?)*$/
const itself = '.'

/**
 * The path that a text names: `spec.template`, `spec.tasks[].template` where each item of a list has one, `.` where the
 * object is a pod template itself; undefined where it names none.
 */
export function parsePodPath(text: string): PodPath | undefined {
  if (text === itself) return thePod
  return members.test(text) ? text.split('.') : undefined
}

const named: Shape = { items: { members: { name: 'whole' } } }
const container: Shape = { items: { members: { name: 'whole', image: 'whole' } } }
const volume: Shape = {
  items: { members: { name: 'whole', image: { members: { reference: 'whole' } } } },
}

const podSpec: Shape = {
  members: {
    serviceAccountName: 'whole',
    serviceAccount: 'whole',
    imagePullSecrets: named,
    containers: container,
    initContainers: container,
    ephemeralContainers: container,
    volumes: volume,
  },
}

// They say whether an injector completes the pods.
const metadata: Shape = { members: { labels: 'whole', annotations: 'whole' } }
const template: Shape = { members: { metadata, spec: podSpec } }

/** The shape of what {@link imagesOf} and {@link podAccessOf} read of an object of that kind. */
export function podSpecShape({ templates = [thePod] }: WorkloadKind): Shape {
  return mergeShapes(templates.map(shapeAt))
}

function shapeAt(path: PodPath): Shape {
  return path.reduceRight<Shape>((shape, step) => {
    const name = step.replace(/\[\]$/, '')
    return { members: { [name]: name === step ? shape : { items: shape } } }
  }, template)
}
