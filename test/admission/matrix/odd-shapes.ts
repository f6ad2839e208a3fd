import { isJsonObject } from '../../../src/json/index.ts'
import type { Field } from './matrix-objects.ts'

/** A change that makes an object odd, and what the model has to know of it. */
export interface Shape {
  readonly odd: Odd
  /** Of the old object, where that has another shape. */
  readonly oddBefore?: Odd
  /** Which containers can be read; all where missing. */
  readonly sees?: 'all' | 'bystander' | 'none'
  readonly saysMirror?: boolean
  readonly isAnnotatable?: boolean
  readonly isNamed?: boolean
  readonly hasNamespace?: boolean
  readonly hasLostOwner?: boolean
  readonly hasLostOld?: boolean
}

/** Makes an object odd; `field` is the list with the image that the case is about. */
type Odd = (object: unknown, field: Field) => unknown

const table = {
  plain: { odd: same },
  'no metadata': { odd: without('metadata'), isAnnotatable: false, hasLostOwner: true },
  'metadata is null': { odd: metadata(() => null), isAnnotatable: false, hasLostOwner: true },
  'metadata is a list': { odd: metadata(() => []), isAnnotatable: false, hasLostOwner: true },
  'annotations are null': { odd: metadata(old => ({ ...old, annotations: null })) },
  'annotations are text': {
    odd: metadata(old => ({ ...old, annotations: 'a', labels: [] })),
    isAnnotatable: false,
  },
  'owners are an object': {
    odd: metadata(old => ({ ...old, ownerReferences: { controller: true } })),
    hasLostOwner: true,
  },
  'generated name': {
    odd: metadata(old => ({ ...old, name: undefined, generateName: 'web-' })),
    isNamed: false,
  },
  'being deleted': { odd: metadata(old => ({ ...old, deletionTimestamp: '2026-01-01T00:00:00Z' })) },
  mirror: {
    odd: metadata(old => ({ ...old, annotations: { 'kubernetes.io/config.mirror': 'x' } })),
    saysMirror: true,
  },
  'keys of JavaScript': {
    odd: metadata(old => ({ ...old, annotations: JSON.parse('{"__proto__":"a","constructor":"b"}') })),
  },
  'no namespace': { odd: same, hasNamespace: false },
  'no pod spec': { odd: podSpec(() => null), sees: 'none' },
  'pod spec is a list': { odd: podSpec(spec => [spec]), sees: 'none' },
  'no such list': { odd: list(() => undefined), sees: 'bystander' },
  'list is empty': { odd: list(() => []), sees: 'bystander' },
  'list is null': { odd: list(() => null), sees: 'bystander' },
  'list is text': { odd: list(() => 'nginx:1.25.1'), sees: 'bystander' },
  'list is an object': { odd: list(items => ({ 0: items[0] })), sees: 'bystander' },
  'image is a number': { odd: list(() => [{ name: 'web', image: 5 }]), sees: 'bystander' },
  'image in a list': { odd: list(items => [items]), sees: 'bystander' },
  'odd items beside': { odd: list(items => [null, 'a', 7, [], {}, ...items]) },
  'same item twice': { odd: list(items => [...items, ...items]) },
  'old object is null': { odd: same, oddBefore: () => null, hasLostOld: true },
  'old object is empty': { odd: same, oddBefore: () => ({}), hasLostOld: true },
} as const satisfies Readonly<Record<string, Shape>>

export type ShapeName = keyof typeof table

/** Every shape of the matrix. */
export const shapes: Readonly<Record<ShapeName, Shape>> = table

function same(object: unknown): unknown {
  return object
}

function without(key: string): Odd {
  return object =>
    Object.fromEntries(Object.entries(isJsonObject(object) ? object : {}).filter(([name]) => name !== key))
}

function metadata(change: (old: object) => unknown): Odd {
  return object => {
    if (!isJsonObject(object)) return object
    return { ...object, metadata: change(isJsonObject(object['metadata']) ? object['metadata'] : {}) }
  }
}

/** Changes the pod spec, which is what has the field, wherever it lies. */
function podSpec(change: (spec: object) => unknown): Odd {
  return (object, field) =>
    JSON.parse(JSON.stringify(object), (_, value: unknown) =>
      isJsonObject(value) && Object.hasOwn(value, field) ? change(value) : value,
    )
}

function list(change: (items: readonly unknown[]) => unknown): Odd {
  return (object, field) =>
    podSpec(spec => ({ ...spec, [field]: change(itemsOf(spec, field)) }))(object, field)
}

function itemsOf(spec: object, field: Field): readonly unknown[] {
  const found: unknown = Object.entries(spec).find(([key]) => key === field)?.[1]
  return Array.isArray(found) ? found : []
}
