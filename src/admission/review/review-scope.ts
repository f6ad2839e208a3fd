import { impliedTag, parseReference } from '../../image/index.ts'
import {
  claimsMirrorPod,
  hasWorkloadOwner,
  imagesOf,
  isBeingDeleted,
  mostContainers,
  startsRollout,
  type ContainerImage,
  type WorkloadKind,
  type WorkloadKinds,
} from '../../workload/index.ts'
import { isController, parentageOf } from './controller-child.ts'
import type { AdmissionRequest } from './review.ts'

/** One image of a request's object, and what may come of it, whatever the mode. */
export interface ScopedImage extends ContainerImage {
  /** The request makes it run, and a person made the request, who can read a warning. */
  readonly warnable: boolean
  /** The request introduces it, and no controller is restoring pods by it: refusing is safe. */
  readonly refusable: boolean
  /** It would be refusable, were it not made as the child of a controller: it is judged all the same, and told. */
  readonly spared: boolean
}

/** What of a request is judged, and what may come of it, whatever the mode. */
export interface ReviewScope {
  /** Every image of the object. */
  readonly images: readonly ScopedImage[]
  /** A person applied the object. */
  readonly applied: boolean
  /** The object's own metadata may be annotated. */
  readonly annotatable: boolean
  /** The object could not be read whole: in place of its images stands one without a name, to which all of this applies. */
  readonly unread: boolean
  /** A controller waits for the answer to each object that it makes: only memory is consulted. */
  readonly hasty: boolean
}

/** The scope of a request; undefined where it carries no workload to judge. `controllers` are names of users. */
export function scopeOf(
  request: AdmissionRequest,
  kinds: WorkloadKinds,
  controllers: readonly string[],
): ReviewScope | undefined {
  const kind = kinds.of(request.resource)
  if (kind === undefined || (request.operation !== 'CREATE' && request.operation !== 'UPDATE'))
    return undefined
  const parentage = parentageOf(kind, request, controllers)
  const mirror = isMirrorPod(kind, request)
  const applied = !hasWorkloadOwner(request.object) && !isController(request.user.name, controllers)
  // A mirror pod runs whether it is refused or not.
  const judged = parentage !== 'built-in' && !mirror
  const child = parentage === 'child'
  return {
    // Field by field: taking the rest of an object is several times as slow.
    images: imagesWithChange(kind, request).map(({ container, field, image, broughtIn, madeToRun }) => ({
      container,
      field,
      image,
      warnable: applied && madeToRun,
      refusable: judged && !child && broughtIn,
      spared: judged && child && broughtIn,
    })),
    applied,
    // Another subresource stores only its own part of the object: metadata is ignored or refused there.
    annotatable: applied && !mirror && request.resource.subresource === '',
    unread: !request.isWhole,
    hasty: child,
  }
}

const nodesGroup = 'system:nodes'

function isMirrorPod(kind: WorkloadKind, { object, user }: AdmissionRequest): boolean {
  return claimsMirrorPod(kind, object) && user.groups.includes(nodesGroup)
}

interface ChangedImage extends ContainerImage {
  readonly broughtIn: boolean
  readonly madeToRun: boolean
}

const unreadImage: ContainerImage = { container: '', field: 'container', image: '' }

/** A new object and a new pod template make all of their images run; a change of a pod only the ones that it brings. */
function imagesWithChange(kind: WorkloadKind, request: AdmissionRequest): readonly ChangedImage[] {
  const { operation, object, oldObject, isWhole } = request
  const images = isWhole ? imagesOf(kind, object) : [unreadImage]
  // Of too many only the first are read: whether a later one is new is not known.
  const isUnclear = !isWhole || images.length > mostContainers
  // Deletions end by updates that take finalizers away, and controllers make nothing of what is being deleted.
  if (isUnclear && operation === 'UPDATE' && isBeingDeleted(object)) return []
  if (isUnclear || operation === 'CREATE')
    return images.map(image => ({ ...image, broughtIn: true, madeToRun: true }))
  const old = new Set(imagesOf(kind, oldObject).map(({ image }) => identityOf(image)))
  const rollout = startsRollout(kind, oldObject, object)
  return images.map(image => {
    const broughtIn = !old.has(identityOf(image.image))
    return { ...image, broughtIn, madeToRun: kind.templates === undefined ? broughtIn : rollout }
  })
}

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
