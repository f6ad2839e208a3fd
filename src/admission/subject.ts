import type { ContainerImage } from '../workload/index.ts'
import type { AdmissionRequest } from './review.ts'

/** The containers of an object that have one image. */
export interface Place {
  readonly request: AdmissionRequest
  readonly containers: readonly ContainerImage[]
  /** The object has no other image. */
  readonly alone: boolean
}

/**
 * What a warning is about, from the longest way to say it to the shortest: the object, and its containers where it has several
 * images. kubectl shows equal warnings once, so without the object's name those about others would vanish.
 */
export function subjectsOf({ request: { name }, containers, alone }: Place): readonly string[] {
  const [first, ...others] = containers.map(({ container }) => container)
  if (first === undefined) return [name]
  // Without a name the API server makes it up later (generateName).
  if (others.length === 0) return [name === '' ? first : alone || name === first ? name : `${name}/${first}`]
  const count = `${containers.length} containers`
  const inObject = name === '' ? '' : `${name}/`
  const lists = [
    [first, ...others].join(', '),
    ...(others.length > 1 ? [`${first}, ${others[0]}, …`] : []),
    `${first}, …`,
  ]
  return [...lists.map(list => `${count} (${inObject}${list})`), name === '' ? count : `${name}, ${count}`]
}

/** The object of a request as a refusal names it: `Deployment web`. */
export function objectOf({ kind, name }: AdmissionRequest): string {
  return name === '' ? kind : `${kind} ${name}`
}

const mostNamed = 3

/** Containers as a refusal names them: `container web, init container wait`. */
export function containersOf(containers: readonly ContainerImage[]): string {
  const names = containers.map(({ container, field }) => `${fieldNames[field]} ${container}`)
  const left = names.length - mostNamed
  return [...names.slice(0, mostNamed), ...(left > 0 ? [`${left} more`] : [])].join(', ')
}

const fieldNames: Readonly<Record<ContainerImage['field'], string>> = {
  container: 'container',
  init: 'init container',
  ephemeral: 'ephemeral container',
  volume: 'image volume',
}
