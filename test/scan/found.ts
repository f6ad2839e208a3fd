import { readFiles, type FilesReading, type GivenFile, type LocatedImage } from '../../src/scan/index.ts'
import { workloadKindsOf } from '../../src/workload/index.ts'

/** Reads one file, as if a person had named it. */
export function readOne(path: string, text: string, given: Partial<GivenFile> = {}): FilesReading {
  return readFiles([{ path, text, isNamed: true, ...given }], { kindOf: workloadKindsOf([]) })
}

/** The images of a file, each as `line:column image (owner, part) tag|-`; the last are the characters that a fix would replace. */
export function foundIn(path: string, text: string, given: Partial<GivenFile> = {}): readonly string[] {
  return readOne(path, text, given).images.map(one => shown(one, text))
}

function shown({ position, found }: LocatedImage, text: string): string {
  const { owner, part, tag, digest, image } = found
  const cut = (span: typeof tag): string => (span === undefined ? '-' : text.slice(span.start, span.end))
  const where = [owner, part].filter(Boolean).join(', ')
  const pinned = digest === undefined ? '' : ` ${cut(digest)}`
  return `${position.line}:${position.column} ${image} (${where}) ${cut(tag)}${pinned}`
}
