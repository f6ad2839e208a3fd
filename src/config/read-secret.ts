import { resolve } from 'node:path'
import type { ConfigSurroundings } from './config.ts'
import type { Problem, RawSecret } from './validate.ts'
import { whyUnread } from './why-unread.ts'

/** Where in the configuration something is read, with what, and where it is told what goes wrong. */
export interface Reading {
  readonly path: string
  readonly surroundings: ConfigSurroundings
  readonly problems: Problem[]
  /** The text of a file that a key names; undefined where it cannot be read, which is a problem then. */
  readonly file: (key: string, name: string) => string | undefined
}

/** The secret that a key says where to find; undefined where it says nothing, or nothing that can be read: then a problem. */
export function readSecret(key: string, from: RawSecret | undefined, reading: Reading): string | undefined {
  if (from === undefined) return undefined
  const { path, surroundings, problems, file } = reading
  const slip = slipOf(from)
  if (slip !== undefined) {
    problems.push({ path: `${path}.${key}`, message: slip })
    return undefined
  }
  if (from.file !== undefined) {
    // A file made by an editor or by echo ends in a line break that is no part of the secret.
    const secret = file(`${key}.file`, from.file)?.replace(/\r?\n$/, '')
    if (secret === '') problems.push({ path: `${path}.${key}.file`, message: 'is an empty file' })
    return secret
  }
  const name = from.environment ?? ''
  const secret = surroundings.environment[name]
  if (secret) return secret
  const what = secret === undefined ? 'is not set' : 'is empty'
  problems.push({ path: `${path}.${key}.environment`, message: `environment variable ${name} ${what}` })
  return undefined
}

// Whoever writes the secret itself, an address or a token of Telegram, where its place is asked for must not find it in
// a log.
function slipOf({ file, environment }: RawSecret): string | undefined {
  if (file !== undefined && /:\/\/|^\d+:/.test(file)) return 'file is no name of a file (it is not shown)'
  if (environment === undefined || /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(environment)) return undefined
  return 'environment is no name of an environment variable (it is not shown)'
}

/** The text of the authorities that a key names a file of. */
export function readAuthorities(
  caFile: string | undefined,
  { path, problems, file }: Reading,
): string | undefined {
  const ca = caFile === undefined ? undefined : file('caFile', caFile)
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    problems.push({ path: `${path}.caFile`, message: 'holds no PEM certificate' })
  return ca
}

/** A reading at a path, that gathers its own problems. */
export function readingAt(path: string, surroundings: ConfigSurroundings): Reading {
  const problems: Problem[] = []
  const file = (key: string, name: string): string | undefined => {
    if (name.includes('://')) {
      problems.push({ path: `${path}.${key}`, message: 'is no name of a file (it is not shown)' })
      return undefined
    }
    const absolute = resolve(surroundings.baseDirectory, name)
    try {
      return surroundings.readFile(absolute)
    } catch (error) {
      problems.push({ path: `${path}.${key}`, message: whyUnread(absolute, error) })
      return undefined
    }
  }
  return { path, surroundings, problems, file }
}
