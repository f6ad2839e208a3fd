import { parse } from 'yaml'
import { referenceOf } from '../../image/index.ts'
import { member, textOf } from '../../json/index.ts'
import { textLines, type TextLines } from '../document/text-lines.ts'
import { foundImage } from '../source/found-image.ts'
import type { LocatedImage, TemplatePlace } from './scanned-image.ts'

/** What the `Chart.yaml` of a chart says; undefined where it says no version of the application. */
export function appVersionOf(text: string): string | undefined {
  try {
    return textOf(member(parse(text, { logLevel: 'silent', schema: 'failsafe' }), 'appVersion')) || undefined
  } catch {
    return undefined
  }
}

/** A chart that Helm has rendered. */
export interface RenderedChart {
  /** The folder of the chart, as files are shown. */
  readonly path: string
  /** The images of its values. */
  readonly values: readonly LocatedImage[]
  /** The images of what Helm wrote, each with the template that it came from. */
  readonly rendered: readonly LocatedImage[]
  /** The text of a template by its path; undefined where it cannot be read. */
  readonly templateText: (path: string) => string | undefined
}

/**
 * The images of a chart, each at the value that names it together with the template that uses it, or, where a template has the text
 * itself, there. Values that render nothing, as those of a part that is off, stay.
 */
export function chartImages(chart: RenderedChart): readonly LocatedImage[] {
  const unused = new Set(chart.values)
  const templates = new Map<string, Template | undefined>()
  const all: LocatedImage[] = []
  for (const image of chart.rendered) {
    const file = templateOf(image, chart.path)
    if (!templates.has(file)) templates.set(file, readTemplate(file, chart))
    const template = { file, line: templates.get(file)?.lineOf(image.found.image) }
    const value = chart.values.find(one => isSame(one, image))
    if (value === undefined) all.push(inTemplate(image, template, templates.get(file)))
    else if (unused.delete(value))
      all.push({ ...value, template, found: { ...value.found, object: image.found.object } })
  }
  return [...all, ...unused]
}

// Helm names the chart as `Chart.yaml` does; its folder may have another name.
function templateOf({ template, file }: LocatedImage, path: string): string {
  const source = template?.file ?? file
  const inside = source.slice(source.indexOf('/') + 1)
  return path === '.' ? inside : `${path}/${inside}`
}

function isSame(one: LocatedImage, other: LocatedImage): boolean {
  const [a, b] = [one, other].map(({ found }) => referenceOf(found.image))
  return (
    a !== undefined &&
    b !== undefined &&
    a.registry === b.registry &&
    a.repository === b.repository &&
    a.tag === b.tag &&
    a.digest === b.digest
  )
}

interface Template {
  readonly text: string
  readonly lines: TextLines
  /** The line that names the image: the one with its text, or the only one that puts an image together. */
  lineOf(image: string): number | undefined
}

function readTemplate(path: string, { templateText }: RenderedChart): Template | undefined {
  const text = templateText(path)
  if (text === undefined) return undefined
  const lines = textLines(text)
  const withImage: number[] = []
  for (let line = 1; line <= lines.count; line++)
    if (/^[\s-]*"?image"?:.*\{\{/.test(lines.line(line))) withImage.push(line)
  return {
    text,
    lines,
    lineOf(image) {
      const at = text.indexOf(image)
      if (at >= 0) return lines.positionOf(at).line
      return withImage.length === 1 ? withImage[0] : undefined
    },
  }
}

// A finding at the text of the template, which can be replaced there; else at its line, or its first one.
function inTemplate(image: LocatedImage, place: TemplatePlace, template: Template | undefined): LocatedImage {
  const { found } = image
  const start = template?.text.indexOf(found.image) ?? -1
  const { owner, part, object } = found
  const named = { owner, part, ...(object !== undefined && { object }) }
  if (template === undefined || start < 0) {
    const position = { line: place.line ?? 1, column: 1 }
    const span = { start: 0, end: 0 }
    const traced = [{ text: found.image, start: undefined }]
    return { file: place.file, position, end: position, found: foundImage({ ...named, span, traced }) }
  }
  const span = { start, end: start + found.image.length }
  return {
    file: place.file,
    position: template.lines.positionOf(start),
    end: template.lines.positionOf(span.end),
    found: foundImage({ ...named, span, traced: [{ text: found.image, start }] }),
  }
}
