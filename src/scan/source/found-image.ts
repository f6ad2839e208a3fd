import {
  joined,
  tracedPart,
  tracedScalar,
  untraced,
  type Segment,
  type TracedText,
} from '../document/traced-text.ts'
import type { ScalarPlace, YamlDocument } from '../document/yaml-document.ts'
import type { Span } from '../document/text-lines.ts'

/** The Kubernetes object that has an image, as far as policies look at it. */
export interface ImageObject {
  readonly group: string
  readonly kind: string
  /** Empty where the object names none. */
  readonly namespace: string
  readonly object: unknown
}

/** A place in the file where a tag or a digest can be replaced. */
export interface Replaceable extends Span {
  /** A whole YAML scalar without quotes: what takes its place must still be read as text. */
  readonly isPlain?: true
}

/** An image that a file names. */
export interface FoundImage {
  /** As it would be pulled. */
  readonly image: string
  /** What has it, in words that stay the same when other parts of the file change: `Deployment shop/web`, `stage build`. */
  readonly owner: string
  /** What of the owner: a container, a key of values; empty where the owner has one image. */
  readonly part: string
  /** The characters that a finding points at. */
  readonly span: Span
  readonly tag: Replaceable | undefined
  readonly digest: Replaceable | undefined
  readonly object: ImageObject | undefined
  /** The template that Helm made the document of, where it says so. */
  readonly rendered?: string
}

/** What a file says about an image that could not be followed: told, never a finding. */
export interface SourceNote {
  readonly offset: number
  readonly message: string
}

/** What was read of one file or document. */
export interface SourceReading {
  readonly images: readonly FoundImage[]
  readonly notes: readonly SourceNote[]
}

export const nothingFound: SourceReading = { images: [], notes: [] }

/** Puts several readings together, in their order. */
export function together(readings: Iterable<SourceReading>): SourceReading {
  const all = [...readings]
  return { images: all.flatMap(({ images }) => images), notes: all.flatMap(({ notes }) => notes) }
}

/** By what an image is known that was found. */
interface Found extends Pick<FoundImage, 'owner' | 'part' | 'span'> {
  readonly traced: TracedText
  readonly object?: ImageObject
}

/** An image from the pieces of its reference: where the tag and the digest are follows from them. */
export function foundImage({ owner, part, span, traced, object }: Found): FoundImage {
  const image = joined(traced)
  const { tag, digest } = placesIn(image)
  return {
    image,
    owner,
    part,
    span,
    tag: tag && tracedPart(traced, tag.start, tag.end),
    digest: digest && tracedPart(traced, digest.start, digest.end),
    object,
  }
}

/** Where a reference has its tag and its digest, by the grammar of distribution/reference; the digest with its algorithm. */
export function placesIn(image: string): {
  readonly tag: Span | undefined
  readonly digest: Span | undefined
} {
  const at = image.indexOf('@')
  const end = at < 0 ? image.length : at
  const colon = image.lastIndexOf(':', end - 1)
  const isTag = colon > image.lastIndexOf('/', end - 1) && colon + 1 < end
  return {
    tag: isTag ? { start: colon + 1, end } : undefined,
    digest: at < 0 || at + 1 === image.length ? undefined : { start: at + 1, end: image.length },
  }
}

/** The parts of a reference that a file has under keys of their own. */
export interface SeparateParts {
  readonly name: Segment
  readonly tag: ScalarPlace | undefined
  readonly digest: ScalarPlace | undefined
}

/** The reference that separate parts make. */
export function separateReference({ name, tag, digest }: SeparateParts): TracedText {
  return [
    name,
    ...(tag === undefined ? [] : [untraced(':'), tracedScalar(tag)]),
    // Some charts take the hexadecimal digits alone.
    ...(digest === undefined
      ? []
      : [untraced(digest.text.includes(':') ? '@' : '@sha256:'), tracedScalar(digest)]),
  ]
}

/** The scalar of a mapping under the first of some keys under which it has one that is not empty. */
export function filledScalar(
  document: Pick<YamlDocument, 'scalarIn'>,
  mapping: object,
  keys: readonly string[],
): ScalarPlace | undefined {
  for (const key of keys) {
    const place = document.scalarIn(mapping, key)
    if (place !== undefined && !isEmpty.test(place.text)) return place
  }
  return undefined
}

const isEmpty = /^(?:|~|null)$/
