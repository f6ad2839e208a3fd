import { at, isJsonObject, itemsOf, member, textOf } from '../json/index.ts'
import { podTemplatesOf } from './pod-templates.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** The image of one container, or of one image volume. */
export interface ContainerImage {
  /** The name of the container, or of the image volume; without a name its index: `containers[0]`. */
  readonly container: string
  readonly field: 'container' | 'init' | 'ephemeral' | 'volume'
  /** The text as it is in the object: the API server accepts almost any. */
  readonly image: string
}

// Every list of a pod spec that names images, and the path of the image in its items.
const lists = [
  { list: 'containers', field: 'container', path: ['image'] },
  { list: 'initContainers', field: 'init', path: ['image'] },
  { list: 'ephemeralContainers', field: 'ephemeral', path: ['image'] },
  { list: 'volumes', field: 'volume', path: ['image', 'reference'] },
] as const

/** The most images that are read of one object; one more says that there are others. */
export const mostContainers = 500

/**
 * The images that the object's pod templates name, in the object's order, at most one more than {@link mostContainers}; none if
 * the object has another shape. A blank image is left out: the API server allows it in a template (it is filled in later) and in
 * an image volume. So is `auto` if the template wants its pods completed by an injector. An image that several templates of an
 * object name is there once; a container that has different images in them has the template's label in its name.
 */
export function imagesOf(kind: WorkloadKind, object: unknown): readonly ContainerImage[] {
  const templates = podTemplatesOf(kind, object)
  const [only, another] = templates
  if (another === undefined) return only === undefined ? [] : imagesOfPod(only.template)
  return merged(templates.map(({ template, label }) => ({ label, images: imagesOfPod(template) })))
}

/** An image of a pod template, with the object that has it as a member: a container, or the source of a volume. */
export interface HeldImage extends ContainerImage {
  readonly holder: object
  readonly key: string
}

/** The images that the object's pod templates name as {@link imagesOf} reads them, each where it is: the same one may be there twice. */
export function heldImagesOf(kind: WorkloadKind, object: unknown): readonly HeldImage[] {
  const held: HeldImage[] = []
  for (const { template, label } of podTemplatesOf(kind, object)) {
    const prefix = (kind.templates?.length ?? 1) > 1 && label !== '' ? `${label}/` : ''
    readPod(template, (image, item) => {
      const holder = image.field === 'volume' ? member(item, 'image') : item
      if (isJsonObject(holder))
        held.push({
          ...image,
          container: `${prefix}${image.container}`,
          holder,
          key: image.field === 'volume' ? 'reference' : 'image',
        })
    })
  }
  return held
}

function imagesOfPod(template: unknown): readonly ContainerImage[] {
  const images: ContainerImage[] = []
  readPod(template, image => void images.push(image))
  return images
}

function readPod(template: unknown, found: (image: ContainerImage, item: unknown) => void): void {
  const podSpec = member(template, 'spec')
  const isInjected = asksForInjection(template)
  let count = 0
  for (const { list, field, path } of lists) {
    for (const [index, item] of itemsOf(member(podSpec, list)).entries()) {
      const image = at(item, path)
      if (typeof image !== 'string' || image.trim() === '' || (isInjected && image === placeholder)) continue
      const name = textOf(member(item, 'name'))
      if (count++ > mostContainers) return
      found({ container: name === '' ? `${list}[${index}]` : name, field, image }, item)
    }
  }
}

// The image of Istio's gateways: the injector replaces it with its own, but keeps any other one as the user's choice.
const placeholder = 'auto'

/**
 * Whether a pod template wants its pods completed by an injector: it has a label or an annotation with `inject` in its key, as
 * those of Istio, Linkerd, Vault and OpenTelemetry (`inject.istio.io/templates`, `linkerd.io/inject`). Any user can write that.
 */
function asksForInjection(template: unknown): boolean {
  const metadata = member(template, 'metadata')
  return ['labels', 'annotations'].some(name => {
    const values = member(metadata, name)
    return isJsonObject(values) && Object.keys(values).some(key => key.includes('inject'))
  })
}

interface LabelledImages {
  readonly label: string
  readonly images: readonly ContainerImage[]
}

/** The images of several templates, each once: a set of pods names the same ones over and over. */
function merged(templates: readonly LabelledImages[]): readonly ContainerImage[] {
  const byContainer = new Map<string, Set<string>>()
  const keyOf = ({ container, field }: ContainerImage): string => `${field} ${container}`
  for (const { images } of templates)
    for (const one of images)
      byContainer.set(keyOf(one), (byContainer.get(keyOf(one)) ?? new Set<string>()).add(one.image))
  const all = templates.flatMap(({ label, images }) =>
    images.map(one =>
      byContainer.get(keyOf(one))?.size === 1 ? one : { ...one, container: `${label}/${one.container}` },
    ),
  )
  const distinct = new Map(all.map(one => [`${keyOf(one)} ${one.image}`, one]))
  return [...distinct.values()].slice(0, mostContainers + 1)
}
