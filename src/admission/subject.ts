import type { ContainerImage } from '../workload/index.ts'
import type { AdmissionRequest } from './review.ts'

/**
 * What a warning is about, in a word: the object, and its container where it has several images. kubectl shows equal
 * warnings once, so without the object's name those about others would vanish.
 */
export function shortSubject(
  { name }: AdmissionRequest,
  { container }: ContainerImage,
  alone: boolean,
): string {
  if (name === '') return container // the API server makes the name up later (generateName)
  return alone || name === container ? name : `${name}/${container}`
}

/** The object of a request as a refusal names it: `Deployment web`. */
export function objectOf({ kind, name }: AdmissionRequest): string {
  return name === '' ? kind : `${kind} ${name}`
}

/** The container as a refusal names it: `init container wait`. */
export function containerOf({ container, field }: ContainerImage): string {
  return `${fieldNames[field]} ${container}`
}

const fieldNames: Readonly<Record<ContainerImage['field'], string>> = {
  container: 'container',
  init: 'init container',
  ephemeral: 'ephemeral container',
  volume: 'image volume',
}
