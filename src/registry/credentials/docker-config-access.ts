import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Access } from '../../evaluation/index.ts'
import { createAccess } from './access.ts'
import { createHelperCaller, type AskHelper } from './credential-helper.ts'
import { readDockerConfig, type DockerConfig, type DockerConfigEntry } from './docker-config.ts'
import { createKeyring } from './keyring.ts'

/** Where a person's credentials are. */
export interface DockerConfigPlaces {
  /** A file to read and no other; without it those of docker, then of podman. */
  readonly path?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The person's own folder. */
  readonly home: string
  /** The hosts of the registries that are going to be asked: a credential helper is run for these alone. */
  readonly registries: readonly string[]
  /** In place of running programs. */
  readonly askHelper?: AskHelper
}

/** A docker configuration that was named cannot be read; it says which and why. */
export class DockerConfigError extends Error {
  override readonly name = 'DockerConfigError'
  readonly code = 'unreadable-docker-config'
}

/**
 * The access of a person by a docker configuration: `path`, or else `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, or else
 * podman's `$XDG_RUNTIME_DIR/containers/auth.json`. Without any of them it has no credentials.
 * @throws DockerConfigError where `path` cannot be read, or is no docker configuration; what is wrong with one entry of several is
 * a problem of the access.
 */
export async function createDockerConfigAccess(places: DockerConfigPlaces): Promise<Access> {
  const file = await readFirst(places)
  if (file === undefined) return createAccess('', [], [])
  const config = readDockerConfig(file.text, `the docker configuration ${file.path}`)
  if (places.path !== undefined) assertUsable(config, file.path)
  const ask = places.askHelper ?? createHelperCaller(places.environment)
  const helped = await Promise.all(
    [...new Set(places.registries)].map(registry => askFor(registry, config, ask)),
  )
  const entries = helped.flatMap(({ entry }) => (entry === undefined ? [] : [entry]))
  const problems = [...config.problems, ...helped.flatMap(({ problem }) => problem ?? [])]
  // What a helper has goes before what stands in the file, as with docker.
  const keyrings = [createKeyring(entries), createKeyring(config.entries)]
  return createAccess(
    '',
    keyrings,
    [...new Set(problems)].map(problem => `docker configuration ${file.path}: ${problem}`),
  )
}

// One that a person names is meant to be used; what is only there may be anything.
function assertUsable({ problems, entries, credsStore, credHelpers }: DockerConfig, path: string): void {
  const isEmpty = entries.length === 0 && credsStore === undefined && credHelpers.size === 0
  if (isEmpty && problems.length > 0)
    throw new DockerConfigError(`the docker configuration ${path} cannot be used: ${problems.join('; ')}`)
}

interface File {
  readonly path: string
  readonly text: string
}

async function readFirst({ path, environment, home }: DockerConfigPlaces): Promise<File | undefined> {
  if (path !== undefined) return readNamed(path)
  const { DOCKER_CONFIG: docker, XDG_RUNTIME_DIR: runtime } = environment
  const candidates = [
    join(docker === undefined || docker === '' ? join(home, '.docker') : docker, 'config.json'),
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')]),
  ]
  for (const candidate of candidates) {
    // The first that there is holds, whatever the others say.
    // oxlint-disable-next-line eslint/no-await-in-loop
    const file = await readIfThere(candidate)
    if (file !== undefined) return file
  }
  return undefined
}

async function readNamed(path: string): Promise<File> {
  const file = await readIfThere(path)
  if (file === undefined)
    throw new DockerConfigError(`the docker configuration ${path} cannot be read: there is no such file`)
  return file
}

function readIfThere(path: string): Promise<File | undefined> {
  return readFile(path, 'utf8').then(
    text => ({ path, text }),
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
      throw new DockerConfigError(`the docker configuration ${path} cannot be read: ${cause.message}`, {
        cause,
      })
    },
  )
}

interface Helped {
  readonly entry?: DockerConfigEntry
  readonly problem?: string
}

async function askFor(registry: string, config: DockerConfig, ask: AskHelper): Promise<Helped> {
  const key = registry === 'docker.io' ? hubKey : registry
  const own = config.credHelpers.get(key) ?? config.credHelpers.get(registry)
  const name = own ?? config.credsStore
  if (name === undefined) return {}
  const { credentials, problem } = await ask(name, key)
  return {
    ...(credentials !== undefined && { entry: { key, credentials } }),
    ...(problem !== undefined && { problem }),
  }
}

// The address under which docker keeps the credentials of Docker Hub.
const hubKey = 'https://index.docker.io/v1/'
