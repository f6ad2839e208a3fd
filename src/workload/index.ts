/** Reads Kubernetes objects of any shape: the images of their containers, and what an update changes. */
export {
  heldImagesOf,
  imagesOf,
  mostContainers,
  type ContainerImage,
  type HeldImage,
} from './container-images.ts'
export { customKinds, shippedKinds, workloadKindsOf, type CustomKind } from './custom-kinds.ts'
export {
  annotationsOf,
  claimsMirrorPod,
  controllerNamed,
  controllersOf,
  hasWorkloadOwner,
  isBeingDeleted,
  labelsOf,
} from './metadata.ts'
export { podAccessOf, type PodAccess } from './pod-access.ts'
export { podSpecShape, parsePodPath, startsRollout } from './pod-templates.ts'
export {
  annotatedOf,
  factsIn,
  imagesAnnotation,
  keyedImages,
  omittedKey,
  reviewAnnotations,
  statusAnnotation,
  type Annotated,
} from './review-annotations.ts'
export {
  createWorkloadKinds,
  objectKindOf,
  workloadKindNamed,
  workloadKinds,
  type ObjectKind,
  type Resource,
  type WorkloadKind,
  type WorkloadKinds,
} from './workload-kind.ts'
