import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { embeddedText } from '../document/embedded-text.ts'
import type { Span } from '../document/text-lines.ts'
import { segmentFrom, tracedScalar } from '../document/traced-text.ts'
import { parseYamlText, type ScalarPlace, type YamlDocument } from '../document/yaml-document.ts'
import { filledScalar, foundImage, placesIn, separateReference, type FoundImage } from './found-image.ts'
import { imagesInValues } from './helm-values.ts'
import type { KubernetesObject } from './kubernetes.ts'
import { imagesInKustomize } from './named-files.ts'

/** An object with the document that it is in, and the text of the file. */
export interface ObjectPlace {
  readonly found: KubernetesObject
  readonly document: YamlDocument
  readonly file: string
}

/**
 * The images that an object of Flux, Argo CD or kustomize names without running them itself: values of a chart, images that
 * kustomize puts in, OCI artefacts.
 */
export function gitopsImages(place: ObjectPlace): readonly FoundImage[] {
  const { group, kind, object } = place.found
  const spec = member(object, 'spec')
  switch (`${group}/${kind}`) {
    case 'helm.toolkit.fluxcd.io/HelmRelease':
      return valuesIn(member(spec, 'values'), place)
    case 'source.toolkit.fluxcd.io/OCIRepository':
      return ociRepository(spec, place)
    case 'kustomize.toolkit.fluxcd.io/Kustomization':
      return imagesInKustomize(member(spec, 'images'), place.found.title, {
        ...place,
        object: objectOf(place),
      })
    case 'kustomize.config.k8s.io/Kustomization':
    case 'kustomize.config.k8s.io/Component':
      return imagesInKustomize(member(object, 'images'), place.found.title || kind, place)
    case 'argoproj.io/Application':
      return argoSources(spec, place)
    case 'argoproj.io/ApplicationSet':
      return argoSources(at(spec, ['template', 'spec']), place)
    default:
      return []
  }
}

function objectOf({ found }: ObjectPlace) {
  const { title: _, ...object } = found
  return object
}

function valuesIn(values: unknown, place: ObjectPlace): readonly FoundImage[] {
  const { found, document } = place
  return imagesInValues({ values, owner: found.title, object: objectOf(place) }, document)
}

function argoSources(spec: unknown, place: ObjectPlace): readonly FoundImage[] {
  const sources = [member(spec, 'source'), ...itemsOf(member(spec, 'sources'))]
  return sources.flatMap(source => {
    const helm = member(source, 'helm')
    return [
      ...valuesIn(member(helm, 'valuesObject'), place),
      ...embeddedValues(helm, place),
      ...argoKustomize(at(source, ['kustomize', 'images']), place),
    ]
  })
}

// `values: |` is YAML in YAML: the finding is at its line of the file.
function embeddedValues(helm: unknown, place: ObjectPlace): readonly FoundImage[] {
  const scalar = isJsonObject(helm) ? place.document.scalarIn(helm, 'values') : undefined
  const embedded = scalar && embeddedText(scalar, place.file)
  if (embedded === undefined) return []
  const moved = <Place extends Span>(span: Place): Place => ({
    ...span,
    start: embedded.offsetOf(span.start),
    end: embedded.offsetOf(span.end),
  })
  return parseYamlText(embedded.text).documents.flatMap(document =>
    imagesInValues(
      { values: document.value, owner: place.found.title, object: objectOf(place) },
      document,
    ).map(image => ({
      ...image,
      span: moved(image.span),
      tag: image.tag && moved(image.tag),
      digest: image.digest && moved(image.digest),
    })),
  )
}

// `name=newname:tag`, `name:tag`: what follows the equals sign is an image.
function argoKustomize(list: unknown, place: ObjectPlace): readonly FoundImage[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((_: unknown, index) => {
    const scalar = place.document.scalarAt(list, index)
    if (scalar === undefined) return []
    const from = scalar.text.indexOf('=') + 1
    const image = segmentFrom(tracedScalar(scalar), from)
    const { tag, digest } = placesIn(image.text)
    if (tag === undefined && digest === undefined) return []
    const span = { start: scalar.span.start + from, end: scalar.span.end }
    return [oneImage(place, `kustomize ${index}`, { traced: [image], span })]
  })
}

const oci = 'oci://'

// Its tag counts; a range in `semver` is followed by Flux itself.
function ociRepository(spec: unknown, place: ObjectPlace): readonly FoundImage[] {
  const [url, ref] = [member(spec, 'url'), member(spec, 'ref')]
  if (!isJsonObject(spec) || !isJsonObject(ref) || !textOf(url).startsWith(oci)) return []
  const of = (key: string): ScalarPlace | undefined => filledScalar(place.document, ref, [key])
  const [tag, digest, address] = [of('tag'), of('digest'), place.document.scalarIn(spec, 'url')]
  const last = tag ?? digest
  if (address === undefined || last === undefined || of('semver') !== undefined) return []
  const name = segmentFrom(tracedScalar(address), oci.length)
  const traced = separateReference({ name, tag, digest })
  return [oneImage(place, 'ref', { traced, span: last.span })]
}

function oneImage(
  place: ObjectPlace,
  name: string,
  image: Pick<Parameters<typeof foundImage>[0], 'traced' | 'span'>,
): FoundImage {
  return foundImage({ owner: place.found.title, part: name, object: objectOf(place), ...image })
}
