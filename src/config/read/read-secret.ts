import { resolve } from 'node:path'
import type { ConfigSurroundings } from '../settings/config.ts'
import type { Problem, RawSecret } from '../schema/validate.ts'

/** A place in the configuration that is being read, and its problems so far. */
export interface Reading {
  readonly path: string
  readonly surroundings: ConfigSurroundings
  readonly problems: Problem[]
  /** Reads the file that a key names; undefined, and a problem, where that fails. */
  readonly file: (key: string, name: string) => string | undefined
}

/** Reads the secret that a key refers to; undefined where there is no key, or, with a problem, where it cannot be read. */
export function readSecret(key: string, from: RawSecret | undefined, reading: Reading): string | undefined {
  if (from === undefined) return undefined
  const { path, surroundings, problems, file } = reading
  const slip = slipOf(from)
  if (slip !== undefined) {
    problems.push({ path: `${path}.${key}`, message: slip })
    return undefined
  }
  if (from.file !== undefined) {
    // The line break at the end, which editors and echo write, is not part of the secret.
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

// The secret itself (an address, a token of Telegram) may have been written in place of its name: it must not reach a log.
function slipOf({ file, environment }: RawSecret): string | undefined {
  if (file !== undefined && /:\/\/|^\d+:/.test(file)) return 'file is not a file name (it is not shown)'
  if (environment === undefined || /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(environment)) return undefined
  return 'environment is not the name of an environment variable (it is not shown)'
}

/** Reads the certificate authorities in the file that `caFile` names. */
export function readAuthorities(
  caFile: string | undefined,
  { path, problems, file }: Reading,
): string | undefined {
  const ca = caFile === undefined ? undefined : file('caFile', caFile)
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    problems.push({ path: `${path}.caFile`, message: 'holds no PEM certificate' })
  return ca
}

/** Starts to read at a path, without problems so far. */
export function readingAt(path: string, surroundings: ConfigSurroundings): Reading {
  const problems: Problem[] = []
  const file = (key: string, name: string): string | undefined => {
    if (name.includes('://')) {
      problems.push({ path: `${path}.${key}`, message: 'is not a file name (it is not shown)' })
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

// The errors of node:fs in plain words.
const meanings: readonly (readonly [code: string, meaning: string])[] = [
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'is a folder'],
]

/** Says why a file could not be read: `x: no such file`. */
export function whyUnread(path: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const known = meanings.find(([code]) => why.startsWith(`${code}:`))
  return `${path === '-' ? 'standard input' : path}: ${known?.[1] ?? why}`
}
