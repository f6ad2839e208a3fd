import type { Reference } from '../../image/index.ts'
import { matchesImage, type ImagePattern } from './image-pattern.ts'
import { selects, type Labels, type LabelSelector } from './selector.ts'

/** The object whose images are judged, as policies see it: what a person applies, or the workload that runs. */
export interface Subject {
  readonly namespace: string
  /** Undefined where they cannot be had: no selector of namespaces but an empty one selects it then. */
  readonly namespaceLabels: Labels | undefined
  /** '' for the core group. */
  readonly group: string
  readonly kind: string
  readonly labels: Labels
  readonly annotations: Labels
}

/** One image of it. */
export interface SubjectImage {
  readonly container: string
  /** Undefined where the text is no reference: no pattern of images matches it. */
  readonly reference: Reference | undefined
}

/** A kind of objects: `Deployment` of any group, or `Rollout` of `argoproj.io`. */
export interface KindPattern {
  readonly kind: string
  readonly group: string | undefined
}

/** The conditions of a policy; all that are there must hold. */
export interface Match {
  readonly namespaces: LabelSelector | undefined
  readonly objects: LabelSelector | undefined
  readonly kinds: readonly KindPattern[] | undefined
  readonly images: readonly ImagePattern[] | undefined
}

/** The first condition that does not hold, by its name in the spec; undefined where all hold. */
export function unmatched(match: Match, subject: Subject, image: SubjectImage): keyof Match | undefined {
  const { namespaces, objects, kinds, images } = match
  if (kinds !== undefined && !kinds.some(kind => isKind(kind, subject))) return 'kinds'
  if (namespaces !== undefined && !selectsNamespace(namespaces, subject)) return 'namespaces'
  if (objects !== undefined && !selects(objects, subject.labels)) return 'objects'
  if (images !== undefined && !matchesAny(images, image.reference)) return 'images'
  return undefined
}

/** Whether one of the patterns means the reference. */
export function matchesAny(patterns: readonly ImagePattern[], reference: Reference | undefined): boolean {
  return reference !== undefined && patterns.some(pattern => matchesImage(pattern, reference))
}

/** Whether the namespace of an object is selected. */
export function selectsNamespace(
  selector: LabelSelector,
  { namespaceLabels }: Pick<Subject, 'namespaceLabels'>,
): boolean {
  return namespaceLabels === undefined ? isEmpty(selector) : selects(selector, namespaceLabels)
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0
}

function isKind({ kind, group }: KindPattern, subject: Subject): boolean {
  return kind === subject.kind && (group === undefined || group === subject.group)
}
