/** OCI image references: what a container's image text names. */
export {
  InvalidReferenceError,
  familiarRepository,
  impliedTag,
  isTag,
  parseReference,
  parseReferences,
  referenceOf,
  type Reference,
  type Repository,
} from './reference.ts'
export { ecrHost, registryPage } from './known-registries.ts'
export { projectLink, sourceUrl, type ProjectLink } from './project-link.ts'
