import { writeFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { whyUnread } from '../../config/index.ts'
import { itemsOf, member } from '../../json/index.ts'
import { UsageError, type Terminal } from '../terminal/terminal.ts'

/** The text of a file that a command line names. @throws UsageError */
export function readNamedFile(path: string, terminal: Terminal): string {
  try {
    return terminal.readFile(path)
  } catch (error) {
    throw new UsageError(whyUnread(path, error))
  }
}

/** Writes a file that a command line names. @throws UsageError */
export function writeNamedFile(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UsageError(`cannot be written: ${whyUnread(path, error)}`)
  }
}

/** The objects in YAML or JSON, those in lists one by one; `path` is for messages. @throws UsageError */
export function yamlObjects(path: string, text: string): readonly unknown[] {
  const documents = parseAllDocuments(text)
  const all = 'empty' in documents ? [] : documents
  const broken = all.flatMap(({ errors }) => errors)[0]
  if (broken !== undefined) throw new UsageError(`${path} is not YAML: ${broken.message.split('\n', 1)[0]}`)
  return all
    .map((document): unknown => document.toJS())
    .flatMap(object => (member(object, 'kind') === 'List' ? itemsOf(member(object, 'items')) : [object]))
}
