import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { execute } from '../program/execute.ts'
import { toolPath } from '../program/tool-path.ts'

/** The folder of the chart. */
export const chart = join(import.meta.dirname, '../../../charts/patchline')

/** The versions of Helm that the chart is for, by the names of the tools. */
export const helms = ['helm', 'helm4'] as const
export type Helm = (typeof helms)[number]

/** What `helm template` says. */
export interface Rendered {
  readonly code: number
  readonly text: string
  readonly stderr: string
  /** Those of hooks too, in the order of the text. */
  readonly objects: readonly unknown[]
}

interface Rendering {
  readonly helm?: Helm
  readonly release?: string
  readonly namespace?: string
  /** Of the API server; the one that helm is built for if not given. */
  readonly kubernetes?: string
}

/** Renders the chart with values; its release is called `patchline`, in `patchline-system`, if no other is named. */
export async function renderChart(
  values: object,
  { helm = 'helm', release = 'patchline', namespace = 'patchline-system', kubernetes }: Rendering = {},
): Promise<Rendered> {
  const version = kubernetes === undefined ? [] : ['--kube-version', kubernetes]
  const args = ['template', release, chart, '--namespace', namespace, '--values', '-', ...version]
  const { code, stdout, stderr } = await execute(toolPath(helm), args, { input: JSON.stringify(values) })
  const objects = parseAllDocuments(stdout).map((document): unknown => document.toJS())
  return { code, text: stdout, stderr, objects: objects.filter(object => object !== null) }
}

/**
 * What differs between two renderings, a line for each object that is new (`+`) or gone (`-`) and for each field that has another value;
 * checksums apart. Items of lists are named by their `name`, if they have one.
 */
export function differences(before: Rendered, after: Rendered): readonly string[] {
  const [one, other] = [fieldsByObject(before), fieldsByObject(after)]
  const gone = [...one.keys()].filter(name => !other.has(name)).map(name => `- ${name}`)
  const made = [...other.keys()].filter(name => !one.has(name)).map(name => `+ ${name}`)
  const changed = [...other].flatMap(([name, fields]) => {
    const was = one.get(name)
    if (was === undefined) return []
    const paths = [...new Set([...was.keys(), ...fields.keys()])].toSorted()
    return paths
      .filter(path => was.get(path) !== fields.get(path) && !path.includes('checksum/config'))
      .map(path => `~ ${name} ${path}: ${was.get(path) ?? 'nothing'} -> ${fields.get(path) ?? 'nothing'}`)
  })
  return [...gone, ...made, ...changed]
}

type Fields = ReadonlyMap<string, string>

function fieldsByObject({ objects }: Rendered): ReadonlyMap<string, Fields> {
  return new Map(
    objects.map(object => {
      const { kind, metadata }: Named = Object(object)
      const where = metadata.namespace === undefined ? '' : ` in ${metadata.namespace}`
      return [`${kind} ${metadata.name}${where}`, new Map(fieldsOf(object, ''))]
    }),
  )
}

interface Named {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

function fieldsOf(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (isLeaf(value)) return [[path, JSON.stringify(value)]]
  const entries = Array.isArray(value)
    ? value.map((item: unknown, index) => [nameOfItem(item, index), item] as const)
    : Object.entries(Object(value))
  return entries.flatMap(([key, inner]) => {
    const within = path === '' ? key : `${path}.${key}`
    return isRule(inner) ? [[within, 'there'] as const] : fieldsOf(inner, within)
  })
}

// A list of texts and a reference to a key are read as a whole.
function isLeaf(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return true
  if (Array.isArray(value)) return value.every(item => typeof item !== 'object')
  return Object.keys(value).every(key => key === 'key' || key === 'path')
}

/** A rule of a role or of a webhook. */
interface Rule {
  readonly verbs?: readonly string[]
  readonly operations?: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null && 'apiGroups' in value && 'resources' in value
}

function nameOfItem(item: unknown, index: number): string {
  if (isRule(item)) {
    const { verbs = [], operations = [], apiGroups, resources } = item
    return `(${[...verbs, ...operations].join()} ${resources.join()} of ${apiGroups.join() || 'core'})`
  }
  const { name }: { readonly name?: unknown } = Object(item)
  return typeof name === 'string' ? name : String(index)
}
