import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Access, PullCredentials } from '../../evaluation/index.ts'
import { isJsonObject, jsonIn } from '../../json/index.ts'
import { shown } from '../response/registry-error.ts'
import { readDockerConfig, type DockerConfig, type DockerConfigEntry } from './docker-config.ts'
import { createCredentials, createKeyring } from './keyring.ts'

/** The places of the credentials of the user who runs the command. */
export interface DockerConfigPlaces {
  /** The only file to read; by default those of docker, then of podman. */
  readonly path?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The home directory of the user. */
  readonly home: string
  /** The hosts of the registries that will be contacted: credential helpers run only for these. */
  readonly registries: readonly string[]
  /** Replaces the running of programs. */
  readonly runHelper?: RunHelper
}

/** A docker configuration that the user named cannot be used; the message has the path and the reason. */
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
export async function createLocalCredentials(places: DockerConfigPlaces): Promise<Access> {
  const file = await readFirst(places)
  if (file === undefined) return createCredentials('', [], [])
  const config = readDockerConfig(file.text, `the docker configuration ${file.path}`)
  if (places.path !== undefined) assertUsable(config, file.path)
  const ask = places.runHelper ?? createHelperRunner(places.environment)
  const helped = await Promise.all(
    [...new Set(places.registries)].map(registry => askFor(registry, config, ask)),
  )
  const entries = helped.flatMap(({ entry }) => (entry === undefined ? [] : [entry]))
  const problems = [...config.problems, ...helped.flatMap(({ problem }) => problem ?? [])]
  // Credentials of a helper take precedence over those in the file, as with docker.
  const keyrings = [createKeyring(entries), createKeyring(config.entries)]
  return createCredentials(
    '',
    keyrings,
    [...new Set(problems)].map(problem => `docker configuration ${file.path}: ${problem}`),
  )
}

// Only for a file that the user names: a default file may belong to another program.
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
  const places = [
    join(docker === undefined || docker === '' ? join(home, '.docker') : docker, 'config.json'),
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')]),
  ]
  for (const place of places) {
    // Only the first file that exists counts.
    // oxlint-disable-next-line eslint/no-await-in-loop
    const file = await readIfThere(place)
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

async function askFor(registry: string, config: DockerConfig, ask: RunHelper): Promise<Helped> {
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

/** The answer of a credential helper: credentials, if it has some, or a problem, if it failed. */
export interface HelperAnswer {
  readonly credentials?: PullCredentials
  readonly problem?: string
}

/** Runs `docker-credential-NAME get` for an address of a registry. */
export type RunHelper = (name: string, address: string) => Promise<HelperAnswer>

// A helper may ask a keychain or a cloud; one that waits for a password to be typed is stopped.
const longest = 10_000
const mostBytes = 65_536

/**
 * A caller of the programs of docker-credential-helpers: the address on standard input, JSON with Username and Secret on standard
 * output, exit code 1 and a sentence where nothing is known.
 */
export function createHelperRunner(
  environment: Readonly<Record<string, string | undefined>>,
  timeout = longest,
): RunHelper {
  return (name, address) => {
    // It becomes a part of the name of a program.
    if (!/^[a-z0-9_-]+$/.test(name))
      return Promise.resolve({ problem: `${quoted(name)} is not the name of a credential helper` })
    const program = `docker-credential-${name}`
    return new Promise(resolve => {
      const options = {
        env: { ...environment },
        timeout,
        maxBuffer: mostBytes,
        killSignal: 'SIGKILL',
      } as const
      const child = execFile(program, ['get'], options, (error, output) => {
        resolve(error === null ? readAnswer(program, output) : failed({ program, timeout, output }, error))
      })
      // A helper that ends without reading leaves a broken pipe, and has said why otherwise.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(address)
    })
  }
}

function readAnswer(program: string, output: string): HelperAnswer {
  const body = jsonIn(output)
  const [username, secret] = isJsonObject(body) ? [body['Username'], body['Secret']] : []
  if (typeof username !== 'string' || typeof secret !== 'string')
    return { problem: `${program} answered something else than a name and a secret` }
  const origin = `the credential helper ${program}`
  // By this name docker says that the secret is an identity token.
  if (username === '<token>')
    return { credentials: { username: '', password: '', identityToken: secret, origin } }
  return username === '' ? {} : { credentials: { username, password: secret, origin } }
}

interface Run {
  readonly program: string
  readonly timeout: number
  readonly output: string
}

interface Failure {
  readonly code?: string | number | null | undefined
  readonly killed?: boolean | undefined
}

function failed({ program, timeout, output }: Run, { code, killed }: Failure): HelperAnswer {
  // Helpers say so on standard output: "credentials not found in native keychain".
  if (/credentials not found/i.test(output)) return {}
  if (code === 'ENOENT') return { problem: `${program} is not installed, or not in PATH` }
  if (killed === true) return { problem: `${program} did not answer within ${timeout / 1000} s` }
  // Not what it wrote: that may hold a secret.
  return { problem: `${program} failed with ${shown(String(code))}; run it by hand to see why` }
}

function quoted(text: string): string {
  return JSON.stringify(shown(text))
}
