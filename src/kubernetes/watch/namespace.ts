import type { Shape } from '../../json/index.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { record } from './object-page.ts'

/** Only these labels are ours to act on, and only these are kept where no others are asked for. */
const ourPrefix = 'patchline.dev/'

/** A namespace's labels under `patchline.dev/`. */
export type OurLabels = Readonly<Record<string, string>>

/** What is kept of a namespace. */
export interface Namespace {
  readonly name: string
  readonly labels: OurLabels
}

/** What is read of a Namespace. */
export const namespaceShape: Shape = {
  members: { metadata: { members: { name: 'whole', labels: 'whole' } } },
}

/** Reads a Namespace with our own labels; throws KubernetesError `invalid-answer`. */
export function parseNamespace(object: unknown, what: string): Namespace {
  return readNamespace(object, what, key => key.startsWith(ourPrefix))
}

/** Reads a Namespace with all of its labels, for routes go by any; throws KubernetesError `invalid-answer`. */
export function parseWholeNamespace(object: unknown, what: string): Namespace {
  return readNamespace(object, what, () => true)
}

function readNamespace(object: unknown, what: string, isKept: (key: string) => boolean): Namespace {
  const metadata = record(record(object)?.['metadata'])
  const name = metadata?.['name']
  if (typeof name !== 'string' || name === '') {
    throw new KubernetesError('invalid-answer', { what, why: 'an object without a name' })
  }
  const labels = Object.entries(record(metadata?.['labels']) ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' && isKept(key) ? [[key, value] as const] : [],
  )
  return { name, labels: Object.fromEntries(labels) }
}
