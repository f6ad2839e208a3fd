import { impliedTag, parseReference } from '../image/index.ts'

/** One text for all the texts that name the same image (`nginx`, `docker.io/library/nginx:latest`). */
export function identityOf(image: string): string {
  try {
    const reference = parseReference(image)
    const { registry, repository, digest = '' } = reference
    return `${registry}/${repository}:${impliedTag(reference) ?? ''}@${digest}`
  } catch {
    return `? ${image}` // an InvalidReferenceError, by contract nothing else; no reference begins like this
  }
}
