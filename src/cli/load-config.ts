import { dirname, resolve } from 'node:path'
import { InvalidConfigError, readConfig, readWorkloads, whyUnread, type Config } from '../config/index.ts'
import { UsageError, type Terminal } from './terminal.ts'

/**
 * The configuration of a file, or the defaults where none is named; without its channels and their secrets, which most
 * commands have no use for. Throws UsageError or InvalidConfigError.
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
  return named(path, () => readConfig(text, { environment, readFile, baseDirectory, notifications }))
}

/** The file of a configuration, to be looked at again. Throws UsageError. */
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

/** The custom kinds of a configuration file. Throws UsageError or InvalidConfigError. */
export function loadWorkloads(path: string, terminal: Terminal): ReturnType<typeof readWorkloads> {
  const text = readConfigText(path, terminal)
  return named(path, () => readWorkloads(text))
}

// A problem names the file in which it is.
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
