import { referenceOf } from '../../image/index.ts'
import { joined, tracedScalar, untraced, type TracedText } from '../document/traced-text.ts'
import type { ScalarPlace, YamlDocument } from '../document/yaml-document.ts'
import {
  filledScalar,
  foundImage,
  separateReference,
  type FoundImage,
  type ImageObject,
} from './found-image.ts'

/** Where values are: a file, or a part of an object. */
export interface ValuesPlace {
  /** A mapping of the document. */
  readonly values: unknown
  readonly owner: string
  readonly object?: ImageObject
  /** The version of the application of the chart: the tag where values have an empty one. */
  readonly appVersion?: string
}

/**
 * The images that Helm values name, by the names that charts commonly have: `image: name:tag`, also `…Image`, with a tag beside it
 * or not; and mappings of `registry`, `repository` (under `image` also `name`), `tag` and `digest` (or `sha`).
 */
export function imagesInValues(place: ValuesPlace, document: YamlDocument): readonly FoundImage[] {
  const found: FoundImage[] = []
  const seen = new Set<object>()
  const pending: Mapping[] = []
  const add = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null) pending.push({ value, path })
  }
  add(place.values, '')
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path } = next
    // An alias is the same mapping again.
    if (seen.has(value)) continue
    seen.add(value)
    const isList = Array.isArray(value)
    if (!isList) found.push(...imagesOfMapping(next, { place, document }))
    for (const [key, one] of Object.entries(value).toReversed())
      add(one, isList ? `${path}[${key}]` : joinPath(path, key))
  }
  return found
}

interface Mapping {
  readonly value: object
  /** From the top of the values: `web.image`, `sidecars[0]`. */
  readonly path: string
}

interface Reading {
  readonly place: ValuesPlace
  readonly document: YamlDocument
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function imagesOfMapping(mapping: Mapping, reading: Reading): readonly FoundImage[] {
  const { value, path } = mapping
  const keys = isImageKey(path) ? ['repository', 'name', 'image'] : ['repository']
  const repository = filledScalar(reading.document, value, keys)
  if (repository === undefined) return wholeImages(mapping, reading)
  const { place, document } = reading
  const tag = filledScalar(document, value, ['tag'])
  const digest = filledScalar(document, value, ['digest', 'sha'])
  const registry = filledScalar(document, value, ['registry'])
  const prefix = registry === undefined ? [] : [tracedScalar(registry), untraced('/')]
  const name = tracedScalar(repository)
  const written = tag ?? digest
  const traced = [
    ...prefix,
    ...(written === undefined ? byVersion(repository, place) : separateReference({ name, tag, digest })),
  ]
  return imageIn(reading, { path, span: (written ?? repository).span, traced })
}

// Without a tag, a chart uses the version of its application.
function byVersion(repository: ScalarPlace, { appVersion }: ValuesPlace): TracedText {
  const name = tracedScalar(repository)
  return appVersion === undefined || hasTag(repository.text) ? [name] : [name, untraced(`:${appVersion}`)]
}

function wholeImages({ value, path }: Mapping, reading: Reading): readonly FoundImage[] {
  const { document } = reading
  return Object.keys(value).flatMap(key => {
    const scalar = isImageKey(key) ? filledScalar(document, value, [key]) : undefined
    if (scalar === undefined || !scalar.isText) return []
    const beside = [`${key}Tag`, ...(key === 'image' ? ['tag', 'version'] : [])]
    const tag = hasTag(scalar.text) ? undefined : filledScalar(document, value, beside)
    const traced = separateReference({ name: tracedScalar(scalar), tag, digest: undefined })
    return imageIn(reading, { path: joinPath(path, key), span: (tag ?? scalar).span, traced })
  })
}

// A name without a tag may be anything: `image: true`, a key of a table. Templates are filled in by the chart.
function imageIn(
  { place: { owner, object } }: Reading,
  { path, span, traced }: Pick<FoundImage, 'span'> & { readonly path: string; readonly traced: TracedText },
): readonly FoundImage[] {
  const text = joined(traced)
  const isReference = hasTag(text) && !text.includes('{{') && referenceOf(text) !== undefined
  return isReference ? [foundImage({ owner, part: path, span, traced, ...(object && { object }) })] : []
}

function isImageKey(path: string): boolean {
  return /(?:^|[.\]_-])image(?:Name)?$|[a-z0-9]Image(?:Name)?$/.test(path)
}

function hasTag(text: string): boolean {
  return /[:@][^/]+$/.test(text)
}
