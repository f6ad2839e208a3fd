import { readdirSync, readFileSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { whyUnread } from '../../config/index.ts'
import {
  appVersionOf,
  isDockerfile,
  isYamlOrJson,
  standardInput,
  type GivenFile,
  type UnreadFile,
} from '../../scan/index.ts'
import { UsageError, type Terminal } from '../terminal/terminal.ts'

/** The files that the paths of a command line mean. */
export interface ScannedFiles {
  readonly files: readonly GivenFile[]
  readonly unread: readonly UnreadFile[]
  /** The folders with a chart, by their paths as files are shown. */
  readonly charts: readonly ScannedChart[]
  /** What a person should know, as sentences. */
  readonly notes: readonly string[]
}

/** A chart of Helm in a folder. */
export interface ScannedChart {
  readonly path: string
  /** As the file system has it. */
  readonly folder: string
}

/** The limits of a scan; what is beyond them is told, and the rest is read. */
export interface ScanLimits {
  readonly fileBytes: number
  readonly files: number
  readonly depth: number
}

// A rendered set of charts has a few MiB; a repository with more manifests is better scanned by folder.
export const scanLimits: ScanLimits = { fileBytes: 16 * 1024 * 1024, files: 20_000, depth: 64 }

// Folders that hold other people's files, or none that runs.
const skipped: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  '.terraform',
  '.tox',
  '.venv',
  '__pycache__',
  'node_modules',
])

/**
 * Reads the files that paths name: a file, `-` for standard input, or a folder with all below it that may name images. Links are
 * followed where they lead to a place below the folder. @throws UsageError where a path is not there
 */
export function readScanned(
  paths: readonly string[],
  options: { readonly root: string; readonly terminal: Terminal; readonly limits: ScanLimits },
): ScannedFiles {
  const walk = new Walk(options)
  for (const path of paths) walk.add(path)
  return walk.found
}

class Walk {
  readonly found: {
    readonly files: GivenFile[]
    readonly unread: UnreadFile[]
    readonly charts: ScannedChart[]
    readonly notes: string[]
  } = { files: [], unread: [], charts: [], notes: [] }
  readonly #root: string
  readonly #terminal: Terminal
  readonly #limits: ScanLimits
  readonly #seen = new Set<string>()
  #isFull = false

  constructor({ root, terminal, limits }: Parameters<typeof readScanned>[1]) {
    this.#root = root
    this.#terminal = terminal
    this.#limits = limits
  }

  add(path: string): void {
    if (path === '-') this.#addInput()
    else {
      const stats = statsOf(path)
      if (stats.isDirectory())
        this.#addFolder(resolve(path), {
          top: realpathSync(path),
          depth: 0,
          inChart: false,
          appVersion: undefined,
        })
      else this.#addFile(resolve(path), { isNamed: true })
    }
  }

  #addInput(): void {
    const text = this.#terminal.readFile('-')
    if (text.trim() === '') throw new UsageError('standard input is empty: there is nothing to scan')
    if (text.length > this.#limits.fileBytes) this.#miss(standardInput, tooLarge(this.#limits.fileBytes))
    else this.found.files.push({ path: standardInput, text, isNamed: true })
  }

  #addFolder(folder: string, within: Within): void {
    const shown = this.#shown(folder)
    if (within.depth > this.#limits.depth)
      return this.#miss(shown, `more than ${this.#limits.depth} folders deep`)
    if (!this.#isNew(folder)) return
    const entries = entriesOf(folder)
    if (typeof entries === 'string') return this.#miss(shown, entries)
    this.#addEntries(folder, entries, within)
  }

  #addEntries(folder: string, entries: readonly Dirent[], { top, depth, inChart }: Within): void {
    const isChart = entries.some(({ name }) => name === 'Chart.yaml')
    // The charts in a chart are rendered together with it.
    if (isChart && !inChart) this.found.charts.push({ path: this.#shown(folder), folder })
    const appVersion = isChart ? appVersionIn(folder) : undefined
    const inner = { top, depth: depth + 1, inChart: isChart || inChart, appVersion }
    for (const entry of entries) {
      // Templates are no YAML before Helm fills them in.
      const isLeftOut = skipped.has(entry.name) || (isChart && entry.name === 'templates')
      if (!isLeftOut) this.#addEntry(join(folder, entry.name), entry, inner)
    }
  }

  #addEntry(path: string, entry: Dirent, within: Within): void {
    const target = entry.isSymbolicLink() ? targetOf(path, within.top) : entry
    if (this.#isFull) return
    if (target?.isDirectory() === true) this.#addFolder(path, within)
    else if (!mayBeRead(entry.name)) return
    else if (target?.isFile() === true) this.#addFile(path, { isNamed: false, appVersion: within.appVersion })
    else if (target === undefined)
      this.found.notes.push(`${this.#shown(path)}: the link leads out of the folder, so it is not followed`)
  }

  #addFile(path: string, given: Pick<GivenFile, 'isNamed' | 'appVersion'>): void {
    const shown = this.#shown(path)
    if (!this.#isNew(path)) return
    if (this.found.files.length >= this.#limits.files) {
      this.#isFull = true
      return this.#miss(
        shown,
        `more than ${this.#limits.files} files: the rest is not read; name fewer folders`,
      )
    }
    const text = readText(path, this.#limits.fileBytes)
    if ('problem' in text) this.#miss(shown, text.problem)
    else this.found.files.push({ path: shown, text: text.text, ...given })
  }

  #miss(file: string, message: string): void {
    this.found.unread.push({ file, position: undefined, message })
  }

  // A folder may be named twice, and links may lead in a circle.
  #isNew(path: string): boolean {
    const real = realPathOf(path)
    if (this.#seen.has(real)) return false
    this.#seen.add(real)
    return true
  }

  #shown(path: string): string {
    const shown = relative(this.#root, path).split(sep).join('/')
    return shown === '' ? '.' : shown
  }
}

interface Within {
  /** The real path of the folder that was named: links may not lead out of it. */
  readonly top: string
  readonly depth: number
  readonly inChart: boolean
  /** Of the chart in whose folder a file is. */
  readonly appVersion: string | undefined
}

function appVersionIn(folder: string): string | undefined {
  const read = readText(join(folder, 'Chart.yaml'), scanLimits.fileBytes)
  return 'text' in read ? appVersionOf(read.text) : undefined
}

function mayBeRead(name: string): boolean {
  return isDockerfile(name) || isYamlOrJson(name)
}

function statsOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw new UsageError(whyUnread(path, error))
  }
}

function entriesOf(folder: string): readonly Dirent[] | string {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    return reasonOf(error)
  }
}

// Without the path, which stands beside it.
function reasonOf(error: unknown): string {
  return whyUnread('', error).replace(/^: /, '')
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** What a link leads to; undefined where that is outside the folder, or nothing. */
function targetOf(path: string, top: string): Stats | undefined {
  try {
    const real = realpathSync(path)
    return real === top || real.startsWith(top + sep) ? statSync(real) : undefined
  } catch {
    return undefined
  }
}

function tooLarge(most: number): string {
  return `larger than ${most / 1024 / 1024} MiB`
}

/** The text of a file exactly as it is, its byte order mark included; a problem where it is none. */
export function readText(
  path: string,
  most: number,
): { readonly text: string } | { readonly problem: string } {
  try {
    if (statSync(path).size > most) return { problem: tooLarge(most) }
    const bytes = readFileSync(path)
    if (bytes.byteLength > most) return { problem: tooLarge(most) }
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'not UTF-8' }
    return { problem: reasonOf(error) }
  }
}
