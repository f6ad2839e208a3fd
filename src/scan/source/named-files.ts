import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { segmentFrom, tracedScalar } from '../document/traced-text.ts'
import type { ScalarPlace, YamlDocument } from '../document/yaml-document.ts'
import {
  filledScalar,
  foundImage,
  separateReference,
  type FoundImage,
  type ImageObject,
  type SourceNote,
  type SourceReading,
} from './found-image.ts'
import { interpolate } from './interpolation.ts'

/** The images of a docker compose file: `services.*.image`, with the defaults of variables. A service that is built has none. */
export function imagesInCompose(document: YamlDocument): SourceReading {
  const services = member(document.value, 'services')
  if (!isJsonObject(services)) return { images: [], notes: [] }
  const images: FoundImage[] = []
  const notes: SourceNote[] = []
  for (const [name, service] of Object.entries(services)) {
    const place = isJsonObject(service) ? document.scalarIn(service, 'image') : undefined
    // What is built gets that name, and is pulled from nowhere.
    if (place === undefined || !place.isText || member(service, 'build') !== undefined) continue
    const { traced, missing } = interpolate(tracedScalar(place))
    const owner = `service ${name}`
    if (missing.length === 0) images.push(foundImage({ owner, part: '', span: place.span, traced }))
    else {
      const message = `${owner}: ${missing.join(', ')} has no default, so the image is not known`
      notes.push({ offset: place.span.start, message })
    }
  }
  return { images, notes }
}

/** The images that a list of `images` of kustomize puts in: `newName`, `newTag`, `digest`. One without tag and digest changes none. */
export function imagesInKustomize(
  list: unknown,
  owner: string,
  { document, object }: { readonly document: YamlDocument; readonly object?: ImageObject },
): readonly FoundImage[] {
  return itemsOf(list).flatMap(item => {
    if (!isJsonObject(item)) return []
    const of = (...keys: readonly string[]): ScalarPlace | undefined => filledScalar(document, item, keys)
    const [name, tag, digest] = [of('newName', 'name'), of('newTag'), of('digest')]
    const last = tag ?? digest
    if (name === undefined || last === undefined) return []
    const traced = separateReference({ name: tracedScalar(name), tag, digest })
    const part = `image ${textOf(member(item, 'name'))}`
    return [foundImage({ owner, part, span: last.span, traced, ...(object && { object }) })]
  })
}

const docker = 'docker://'

/** The images of a GitHub workflow or action: `container`, `services`, `uses: docker://…`, `runs.image`. */
export function imagesInWorkflow(document: YamlDocument): SourceReading {
  const { value } = document
  const jobs = member(value, 'jobs')
  const images = isJsonObject(jobs)
    ? Object.entries(jobs).flatMap(([name, job]) => imagesOfJob(`job ${name}`, job, document))
    : []
  const runs = member(value, 'runs')
  const owner = `action ${textOf(member(value, 'name'))}`.trim()
  const steps = itemsOf(member(runs, 'steps')).flatMap((step, index) =>
    usedBy(step, { owner, index, document }),
  )
  return {
    images: [...images, ...dockerImage(runs, 'image', { owner, part: '', document }), ...steps],
    notes: [],
  }
}

function imagesOfJob(owner: string, job: unknown, document: YamlDocument): readonly FoundImage[] {
  const services = member(job, 'services')
  return [
    ...plainImage(job, 'container', { owner, part: 'container', document }),
    ...plainImage(member(job, 'container'), 'image', { owner, part: 'container', document }),
    ...(isJsonObject(services)
      ? Object.entries(services).flatMap(([part, service]) =>
          plainImage(service, 'image', { owner, part, document }),
        )
      : []),
    ...itemsOf(member(job, 'steps')).flatMap((step, index) => usedBy(step, { owner, index, document })),
  ]
}

interface Named {
  readonly owner: string
  readonly part: string
  readonly document: YamlDocument
}

// An expression (`${{ … }}`) is known only where the workflow runs.
function plainImage(holder: unknown, key: string, { owner, part, document }: Named): readonly FoundImage[] {
  const place = isJsonObject(holder) ? document.scalarIn(holder, key) : undefined
  if (place === undefined || place.text === '' || place.text.includes('${{')) return []
  const { text } = place
  const scalar = tracedScalar(place)
  // `docker://` is allowed before the image of a container as well.
  const start = text.startsWith(docker) ? docker.length : 0
  const traced = [start === 0 ? scalar : segmentFrom(scalar, start)]
  const span = { start: place.span.start + start, end: place.span.end }
  return [foundImage({ owner, part, span, traced })]
}

function dockerImage(holder: unknown, key: string, named: Named): readonly FoundImage[] {
  return textOf(at(holder, [key])).startsWith(docker) ? plainImage(holder, key, named) : []
}

function usedBy(
  step: unknown,
  { owner, index, document }: Pick<Named, 'owner' | 'document'> & { readonly index: number },
): readonly FoundImage[] {
  const part = textOf(member(step, 'name')) || textOf(member(step, 'id')) || `step ${index + 1}`
  return dockerImage(step, 'uses', { owner, part, document })
}
