import { dirname, resolve } from 'node:path'
import { InvalidConfigError, readConfig, readWorkloads, whyUnread, type Config } from '../../config/index.ts'
import { UsageError, type Terminal } from '../terminal/terminal.ts'
import { loadKubeConfig } from '../../kubernetes/index.ts'
import { InvalidReferenceError, parseReference } from '../../image/index.ts'

/**
 * Reads the configuration of a file, or the defaults where none is named; by default without the channels and their secrets, which
 * most commands do not need. Throws UsageError or InvalidConfigError.
 */
export function loadConfig(
  path: string | undefined,
  terminal: Terminal,
  { notifications = false }: { readonly notifications?: boolean } = {},
): Config {
  const readFile = (file: string): string => terminal.readFile(file)
  const text = path === undefined ? '' : readConfigText(path, terminal)
  const baseDirectory = path === undefined ? process.cwd() : dirname(resolve(path))
  const { environment } = terminal
  const isFile = (file: string): boolean => isFileOn(terminal, file)
  return named(path, () => readConfig(text, { environment, readFile, isFile, baseDirectory, notifications }))
}

// A path that may not be looked at is left to the program that uses it.
function isFileOn(terminal: Terminal, path: string): boolean {
  try {
    return terminal.isFile?.(path) === true
  } catch {
    return false
  }
}

/** A configuration file that can be read again for changes. Throws UsageError. */
export function configurationFile(
  path: string,
  terminal: Terminal,
  options: { readonly notifications?: boolean } = {},
) {
  return {
    path,
    text: readConfigText(path, terminal),
    read: () => readConfigText(path, terminal),
    check: () => void loadConfig(path, terminal, options),
  }
}

/** Reads the custom kinds of a configuration file. Throws UsageError or InvalidConfigError. */
export function loadWorkloads(path: string, terminal: Terminal): ReturnType<typeof readWorkloads> {
  const text = readConfigText(path, terminal)
  return named(path, () => readWorkloads(text))
}

// Adds the name of the file to the problems.
function named<T>(path: string | undefined, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof InvalidConfigError && path !== undefined)
      throw new InvalidConfigError(error.problems, path)
    throw error
  }
}

function readConfigText(path: string, terminal: Terminal): string {
  try {
    return terminal.readFile(path)
  } catch (error) {
    throw new UsageError(`the configuration ${whyUnread(path, error)}`)
  }
}

/** The options that name a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
}

/**
 * Loads the kubeconfig of `--kubeconfig`, else of KUBECONFIG, else of the default places; for commands without a configuration.
 * @throws KubernetesError `no-config`
 */
export function loadCluster(
  { kubeconfig: path, context }: ClusterOptions,
  { environment }: Terminal,
): ReturnType<typeof loadKubeConfig> {
  return loadKubeConfig({ path, searchPath: environment['KUBECONFIG'], context })
}

/**
 * Checks that each text is an image reference and not the name of a file: the name of a manifest would be taken for an image
 * without a tag, and its check for a check of the images in it.
 * @throws UsageError that names all texts that are not.
 */
export function assertReferences(texts: readonly string[], terminal: Pick<Terminal, 'isFile'>): void {
  const problems = texts.flatMap(text => problemOf(text, terminal))
  if (problems.length > 0) throw new UsageError(problems.join('\npatchline: '))
}

function problemOf(text: string, { isFile }: Pick<Terminal, 'isFile'>): readonly string[] {
  // A name without a folder may be that of an image as well as that of a file beside it.
  const isThere = text.includes('/') && isFile?.(text) === true
  if (isThere || looksLikeFile(text)) return [fileProblem(text)]
  try {
    parseReference(text)
    return []
  } catch (error) {
    if (error instanceof InvalidReferenceError) return [error.message]
    throw error
  }
}

function looksLikeFile(text: string): boolean {
  return text === '-' || /^(?:\.{0,2}|~)\//.test(text) || /^[^:@]*\.(?:ya?ml|json|tgz)$/i.test(text)
}

function fileProblem(text: string): string {
  const what = text === '-' ? 'standard input' : JSON.stringify(text)
  return `check takes image references like nginx:1.25.1, and ${what} is a file: name the images that stand in it`
}
