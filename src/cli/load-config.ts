import { dirname, resolve } from 'node:path'
import { readConfig, whyUnread, type Config } from '../config/index.ts'
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
  return readConfig(text, { environment: terminal.environment, readFile, baseDirectory, notifications })
}

/** The text of a configuration file. Throws UsageError. */
export function readConfigText(path: string, terminal: Terminal): string {
  try {
    return terminal.readFile(path)
  } catch (error) {
    throw new UsageError(`the configuration ${whyUnread(path, error)}`)
  }
}
