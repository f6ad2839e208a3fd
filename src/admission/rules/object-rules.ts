import { referenceOf } from '../../image/index.ts'
import {
  annotationProblems,
  labelProblems,
  modes,
  rulesFor,
  unmatched,
  type ImageRules,
  type Mode,
  type PolicyBook,
  type Subject,
} from '../../policy/index.ts'
import { annotationsOf, labelsOf, type ContainerImage } from '../../workload/index.ts'
import type { Labels } from '../review/ports.ts'
import type { AdmissionRequest } from '../review/review.ts'

/** What holds for the images of one object. */
export interface ObjectRules {
  readonly subject: Subject
  /** What is invalid in labels and annotations, whatever the image. */
  problems(): readonly string[]
  /** The same object for the same image. */
  of(image: ContainerImage): ImageRules
  /** The strictest mode that may hold for an image of the object that could not be read. */
  strictest(): Mode
}

/** The rules for the object of a request, in a namespace with these labels (undefined: they cannot be had). */
export function objectRules(
  request: AdmissionRequest,
  namespaceLabels: Labels | undefined,
  book: PolicyBook,
): ObjectRules {
  return subjectRules(subjectOf(request, namespaceLabels), book)
}

/** The rules for an object, as policies see it. */
export function subjectRules(subject: Subject, book: PolicyBook): ObjectRules {
  const known = new Map<string, ImageRules>()
  const { annotations, namespaceLabels, namespace } = subject
  return {
    subject,
    problems: () => [...labelProblems(namespaceLabels ?? {}), ...annotationProblems(annotations)],
    of(image) {
      // Without policies all images have the same rules.
      const isUniform = book.policies.length === 0 && book.exceptionsIn(namespace).length === 0
      const key = isUniform ? '' : `${image.container} ${image.image}`
      const before = known.get(key)
      if (before !== undefined) return before
      const reference = isUniform ? undefined : referenceOf(image.image)
      const rules = rulesFor({ container: image.container, reference }, subject, book)
      known.set(key, rules)
      return rules
    },
    strictest() {
      const candidates = book.policies.filter(({ match }) => mayMatch(match, subject))
      const possible = [[], ...candidates.map(policy => [policy])]
      const found = possible.map(
        policies => rulesFor(unreadImage, subject, { ...book, policies: policies.map(withAnyImage) }).mode,
      )
      return modes.findLast(mode => found.includes(mode)) ?? book.defaults.mode
    },
  }
}

const unreadImage = { container: '', reference: undefined }

function mayMatch(match: PolicyMatch, subject: Subject): boolean {
  return unmatched({ ...match, images: undefined }, subject, unreadImage) === undefined
}

type PolicyMatch = PolicyBook['policies'][number]['match']

function withAnyImage<Policy extends { readonly match: PolicyMatch }>(policy: Policy): Policy {
  return { ...policy, match: { ...policy.match, images: undefined } }
}

function subjectOf(
  { namespace, resource, kind, object }: AdmissionRequest,
  namespaceLabels: Labels | undefined,
): Subject {
  return {
    namespace,
    namespaceLabels,
    group: resource.group,
    kind,
    labels: labelsOf(object),
    annotations: annotationsOf(object),
  }
}
