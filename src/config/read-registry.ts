import { resolve } from 'node:path'
import type { ConfiguredRegistry, ConfigSurroundings } from './config.ts'
import type { Problem, RawRegistry } from './validate.ts'

/** A registry with its password and authorities read, and what went wrong on the way. */
export interface ReadRegistry {
  readonly registry: ConfiguredRegistry
  readonly problems: readonly Problem[]
}

/** Reads the files and the environment that a registry names. No secret goes into a problem. */
export function readRegistry(
  raw: RawRegistry,
  { path, surroundings }: { readonly path: string; readonly surroundings: ConfigSurroundings },
): ReadRegistry {
  const { caFile, username, passwordFrom, ...rest } = raw
  const problems: Problem[] = []
  const file = (key: string, name: string): string | undefined => {
    try {
      return surroundings.readFile(resolve(surroundings.baseDirectory, name))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      problems.push({ path: `${path}.${key}`, message: `cannot be read: ${why}` })
      return undefined
    }
  }
  const ca = caFile === undefined ? undefined : file('caFile', caFile)
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    problems.push({ path: `${path}.caFile`, message: 'holds no PEM certificate' })
  const password =
    passwordFrom === undefined
      ? undefined
      : readPassword(passwordFrom, { path, surroundings, file, problems })
  return {
    registry: {
      ...rest,
      ...(ca !== undefined && { ca }),
      ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
    },
    problems,
  }
}

interface PasswordSource {
  readonly path: string
  readonly surroundings: ConfigSurroundings
  readonly file: (key: string, name: string) => string | undefined
  readonly problems: Problem[]
}

function readPassword(
  from: NonNullable<RawRegistry['passwordFrom']>,
  { path, surroundings, file, problems }: PasswordSource,
): string | undefined {
  if (from.file !== undefined) {
    // A file made by an editor or by echo ends in a line break that is no part of the password.
    const password = file('passwordFrom.file', from.file)?.replace(/\r?\n$/, '')
    if (password === '') problems.push({ path: `${path}.passwordFrom.file`, message: 'is an empty file' })
    return password
  }
  const name = from.environment ?? ''
  const password = surroundings.environment[name]
  if (password) return password
  const what = password === undefined ? 'is not set' : 'is empty'
  problems.push({ path: `${path}.passwordFrom.environment`, message: `environment variable ${name} ${what}` })
  return undefined
}
