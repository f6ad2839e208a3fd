import { isJsonObject, member, textOf } from '../../json/index.ts'
import { parseYamlText, type YamlDocument, type YamlProblem } from '../document/yaml-document.ts'
import { imagesInDockerfile } from './dockerfile.ts'
import { nothingFound, together, type FoundImage, type SourceReading } from './found-image.ts'
import { gitopsImages } from './gitops.ts'
import { imagesInValues } from './helm-values.ts'
import { objectsIn, workloadImages, type KubernetesObject, type WorkloadKindOf } from './kubernetes.ts'
import { imagesInCompose, imagesInKustomize, imagesInWorkflow } from './named-files.ts'

/** A file as it is read. */
export interface SourceFile {
  /** With `/` between its parts; its last part and its folders say what it may be. */
  readonly path: string
  readonly text: string
}

/** What a file is read with. */
export interface SourceOptions {
  readonly kindOf: WorkloadKindOf
  /** The person named this very file, so what has no other meaning is taken for values of a chart. */
  readonly isNamed: boolean
  /** The version of the application, where the file has the values of a chart. */
  readonly appVersion?: string | undefined
}

/** What was read of a file, and what of it could not be read. */
export interface FileReading extends SourceReading {
  readonly problems: readonly YamlProblem[]
  /** Whether it is of a kind that may name images, whether or not it does. */
  readonly isKnown: boolean
}

/** Reads the images of one file, by what it is: a Dockerfile by its name, all others by their content. */
export function imagesInFile(file: SourceFile, options: SourceOptions): FileReading {
  if (isDockerfile(file.path) || (options.isNamed && looksLikeDockerfile.test(file.text)))
    return { ...imagesInDockerfile(file.text), problems: [], isKnown: true }
  if (!isParsed(file, options)) return { ...nothingFound, problems: [], isKnown: isManifest(file.text) }
  const { documents, problems } = parseYamlText(file.text)
  const readings = documents.map(document => readDocument(document, file, options))
  const known = readings.filter(reading => reading !== undefined)
  return { ...together(known), problems, isKnown: known.length > 0 || problems.length > 0 }
}

// Most YAML and JSON of a repository names no image, and need not be parsed. Who names a file hears of it if it is broken.
function isParsed(file: SourceFile, { isNamed }: SourceOptions): boolean {
  if (isNamed && isYamlOrJson(file.path)) return true
  return mayNameImages.test(file.text) && (isNamed || !isOtherJson(file))
}

// Only blank lines, comments and arguments may stand before the first stage.
const looksLikeDockerfile = /^\uFEFF?(?:[ \t]*(?:#[^\n]*|ARG[ \t][^\n]*)?\r?\n)*FROM[ \t]+\S/i

// Repositories are full of JSON files, some of them large, which are no manifests.
function isOtherJson({ path, text }: SourceFile): boolean {
  return path.endsWith('.json') && !/"(?:apiVersion|services)"\s*:/.test(text)
}

const mayNameImages = /image|docker:\/\/|repository|oci:\/\/|container/i

function isManifest(text: string): boolean {
  return /^(?:apiVersion|kind):|"apiVersion"/m.test(text)
}

/** Whether a name is that of a Dockerfile. */
export function isDockerfile(path: string): boolean {
  const name = nameOf(path)
  return /^(?:Dockerfile|Containerfile)(?:\.[^/]*)?$|\.(?:Dockerfile|Containerfile)$/i.test(name)
}

/** Whether a name is that of a file that may have manifests, values or workflows. */
export function isYamlOrJson(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path) || nameOf(path) === 'Kustomization'
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

// Undefined where the document is nothing that names images.
function readDocument(
  document: YamlDocument,
  file: SourceFile,
  options: SourceOptions,
): SourceReading | undefined {
  const { value } = document
  const objects = objectsIn(document)
  if (objects.length > 0)
    return rendered(
      document,
      together(objects.map(found => ({ images: imagesOf(found, { document, file, options }), notes: [] }))),
    )
  if (!isJsonObject(value)) return undefined
  if (/^Kustomization$|^kustomization\.ya?ml$/.test(nameOf(file.path)))
    return { images: imagesInKustomize(member(value, 'images'), 'Kustomization', { document }), notes: [] }
  if (isWorkflow(file.path, value)) return imagesInWorkflow(document)
  if (isCompose(file.path, value)) return imagesInCompose(document)
  if (!options.isNamed && !/values/i.test(nameOf(file.path))) return undefined
  const { appVersion } = options
  const place = { values: value, owner: 'values', ...(appVersion !== undefined && { appVersion }) }
  return { images: imagesInValues(place, document), notes: [] }
}

// Helm writes the template of each document into a comment.
function rendered({ comment }: YamlDocument, reading: SourceReading): SourceReading {
  const source = /^ Source: (\S+)$/m.exec(comment)?.[1]
  if (source === undefined) return reading
  return { ...reading, images: reading.images.map(image => ({ ...image, rendered: source })) }
}

interface ObjectReading {
  readonly document: YamlDocument
  readonly file: SourceFile
  readonly options: SourceOptions
}

function imagesOf(
  found: KubernetesObject,
  { document, file, options }: ObjectReading,
): readonly FoundImage[] {
  return [
    ...workloadImages(found, document, options.kindOf),
    ...gitopsImages({ found, document, file: file.text }),
  ]
}

function isWorkflow(path: string, value: object): boolean {
  const isInPlace =
    /(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)\//.test(path) ||
    /^action\.ya?ml$/.test(nameOf(path))
  return isInPlace || (isJsonObject(member(value, 'jobs')) && member(value, 'on') !== undefined)
}

function isCompose(path: string, value: object): boolean {
  const services = member(value, 'services')
  if (!isJsonObject(services)) return false
  if (/compose/i.test(nameOf(path))) return true
  return Object.values(services).some(
    one => textOf(member(one, 'image')) !== '' || member(one, 'build') !== undefined,
  )
}
