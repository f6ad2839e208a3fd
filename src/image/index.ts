/** OCI image references: what a container's image text names. */
export {
  InvalidReferenceError,
  familiarRepository,
  impliedTag,
  parseReference,
  parseReferences,
  type Reference,
  type Repository,
} from './reference.ts'
export { registryPage } from './registry-page.ts'
