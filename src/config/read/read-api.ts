import { referenceHost } from '../schema/formats.ts'
import type { ConfigSurroundings, ConfiguredHook, ConfiguredToken } from '../settings/config.ts'
import type { Problem, RawConfig, ValidParts } from '../schema/validate.ts'
import { readingAt, readSecret } from './read-secret.ts'

/** The tokens of the API with their secrets, and the problems. */
interface ReadTokens {
  readonly read: readonly ConfiguredToken[]
  readonly problems: readonly Problem[]
}

// A token that a person made up can be guessed: ten requests a second try half a million of them in a day.
const shortestToken = 20

/** Reads the secrets of the tokens. No secret goes into a problem. */
export function readTokens(api: RawConfig['api'] | undefined, surroundings: ConfigSurroundings): ReadTokens {
  const all = (api?.tokens ?? []).map(({ name, tokenFrom, write }, at) => {
    const reading = readingAt(`api.tokens[${at}]`, surroundings)
    const token = readSecret('tokenFrom', tokenFrom, reading)
    if (token !== undefined && (token.length < shortestToken || /\s/.test(token)))
      reading.problems.push(weak(reading.path))
    return { read: token === undefined ? [] : [{ name, token, write }], problems: reading.problems }
  })
  return { read: all.flatMap(({ read }) => read), problems: all.flatMap(({ problems }) => problems) }
}

function weak(path: string): Problem {
  return {
    path: `${path}.tokenFrom`,
    message: `the token must have at least ${shortestToken} characters, and no blanks: openssl rand -hex 32 makes one`,
  }
}

/** The hooks with their secrets, and the problems. */
interface ReadHooks {
  readonly read: readonly ConfiguredHook[]
  readonly problems: readonly Problem[]
}

// Those of the others are where a company has put them.
const publicHosts: Partial<Readonly<Record<ConfiguredHook['kind'], string>>> = {
  'docker-hub': 'docker.io',
  github: 'ghcr.io',
  gitlab: 'registry.gitlab.com',
}

/** Reads the secrets of the hooks. No secret goes into a problem. */
export function readHooks(
  watch: RawConfig['watch'] | undefined,
  surroundings: ConfigSurroundings,
): ReadHooks {
  const raws = watch?.hooks ?? []
  const all = raws.map((raw, at) => {
    const { name, kind } = raw
    const reading = readingAt(`watch.hooks[${at}]`, surroundings)
    const { path, problems } = reading
    const secret = readSecret('secretFrom', raw.secretFrom, reading)
    const host = raw.registry ?? publicHosts[kind]
    if (host === undefined)
      problems.push({ path: `${path}.registry`, message: `is missing: ${kind} needs it` })
    if (secret !== undefined && secret.length < shortestToken)
      problems.push({
        path: `${path}.secretFrom`,
        message: `the secret must have at least ${shortestToken} characters`,
      })
    if (raws.findIndex(other => other.name === name) < at)
      problems.push({ path: `${path}.name`, message: `${name} is there already` })
    if (secret === undefined || host === undefined) return { read: [], problems }
    return { read: [{ name, kind, secret, registry: referenceHost(host) ?? host }], problems }
  })
  return { read: all.flatMap(({ read }) => read), problems: all.flatMap(({ problems }) => problems) }
}

/** Tokens that are missing where they would count. */
export function checkTokens({ api, operations }: Pick<ValidParts, 'api' | 'operations'>): readonly Problem[] {
  const asking = [
    ['api', api],
    ['operations', operations],
  ] as const
  return asking.flatMap(([name, part]) =>
    part?.authentication === 'tokens' && api?.tokens.length === 0
      ? [{ path: `${name}.authentication`, message: 'tokens needs api.tokens, which is empty' }]
      : [],
  )
}
