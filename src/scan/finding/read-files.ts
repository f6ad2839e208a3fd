import { textLines, type TextLines } from '../document/text-lines.ts'
import type { FoundImage } from '../source/found-image.ts'
import { imagesInFile, type SourceFile, type SourceOptions } from '../source/images-in-file.ts'
import { ignoresIn, type Ignore } from './ignores.ts'
import type { LocatedImage, UnreadFile } from './scanned-image.ts'

/** A file to be read, and how. */
export interface GivenFile extends SourceFile, Pick<SourceOptions, 'isNamed' | 'appVersion'> {}

/** All that files say about images. */
export interface FilesReading {
  readonly images: readonly LocatedImage[]
  readonly unread: readonly UnreadFile[]
  readonly notes: readonly string[]
  readonly ignores: readonly Ignore[]
  /** How many of the files are of a kind that may name images. */
  readonly known: number
}

/** Reads files one by one. What is wrong with one of them, or with a document of it, is told beside what is found in the others. */
export function readFiles(files: readonly GivenFile[], options: Pick<SourceOptions, 'kindOf'>): FilesReading {
  const readings = files.map(file => readFile(file, options))
  return {
    images: readings.flatMap(({ images }) => images),
    unread: readings.flatMap(({ unread }) => unread),
    notes: readings.flatMap(({ notes }) => notes),
    ignores: readings.flatMap(({ ignores }) => ignores),
    known: readings.reduce((sum, { known }) => sum + known, 0),
  }
}

function readFile(file: GivenFile, { kindOf }: Pick<SourceOptions, 'kindOf'>): FilesReading {
  const { path, text, isNamed, appVersion } = file
  const { images, notes, problems, isKnown } = imagesInFile(file, { kindOf, isNamed, appVersion })
  if (images.length + notes.length + problems.length === 0)
    return { images: [], unread: [], notes: [], ignores: [], known: isKnown ? 1 : 0 }
  const lines = textLines(text)
  const ignored = text.includes('patchline:') ? ignoresIn(path, lines) : { ignores: [], problems: [] }
  const broken = problems.map(({ offset, message }) => ({
    file: path,
    position: lines.positionOf(offset),
    message: `not YAML: ${message}`,
  }))
  const foreign = isTemplate(text) ? broken : []
  const told = notes.map(({ offset, message }) => `${path}:${lines.positionOf(offset).line}: ${message}`)
  const templates = foreign.map(
    ({ position }) => `${path}:${position.line}: a template of another tool is not read`,
  )
  return {
    images: images.map(found => locate(found, path, lines)),
    unread: isTemplate(text) ? [] : broken,
    notes: [...told, ...templates, ...ignored.problems],
    ignores: ignored.ignores,
    known: isKnown ? 1 : 0,
  }
}

function locate(found: FoundImage, file: string, lines: TextLines): LocatedImage {
  const { span, rendered } = found
  return {
    file,
    position: lines.positionOf(span.start),
    end: lines.positionOf(span.end),
    found,
    ...(rendered !== undefined && { template: { file: rendered, line: undefined } }),
  }
}

// Text templates of Helm, Jinja and others: no YAML until they are filled in.
function isTemplate(text: string): boolean {
  return /\{\{|\{%|<%/.test(text)
}
