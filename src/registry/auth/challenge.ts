import type { Registry } from '../settings/registry.ts'

/** One challenge of a `WWW-Authenticate` header: names in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const schemePattern = new RegExp(`[\\s,]*(${token})`, 'y')
const parameterPattern = new RegExp(`[\\s,]*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]*))`, 'y')
const token68Pattern = /\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/y

/**
 * Every challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1), several schemes and quoted strings included.
 * Never throws: what cannot be read is left out. A parameter given twice keeps its first value.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = []
  let at = 0
  for (;;) {
    const match = matchAt(schemePattern, header, at)
    if (match === null) return challenges
    const [whole, scheme = ''] = match
    const { parameters, end } = readParameters(header, at + whole.length)
    challenges.push({ scheme: scheme.toLowerCase(), parameters })
    at = end
  }
}

/** Whether two challenges ask for the same, so that credentials that failed one fail the other. */
export function sameChallenge(one: Challenge, other: Challenge): boolean {
  const same = (name: string): boolean => one.parameters.get(name) === other.parameters.get(name)
  return one.scheme === other.scheme && (one.scheme === 'basic' || (same('realm') && same('service')))
}

function readParameters(header: string, start: number): { parameters: Map<string, string>; end: number } {
  const parameters = new Map<string, string>()
  let end = start + (matchAt(token68Pattern, header, start)?.[0].length ?? 0)
  for (;;) {
    const match = matchAt(parameterPattern, header, end)
    if (match === null) return { parameters, end }
    const [whole, name = '', quoted, plain = ''] = match
    const value = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1')
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value)
    end += whole.length
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  const sticky = new RegExp(pattern) // a copy, for lastIndex is state
  sticky.lastIndex = at
  return sticky.exec(text)
}

/**
 * The challenges of registries. With them a token is sent at once, where a registry would otherwise have to ask for one in each
 * repository: every second request.
 */
export interface KnownChallenges {
  /** The challenge of the registry for every repository; undefined if unknown. */
  expected(registry: Registry): Challenge | undefined
  /** Records the challenge of a registry. */
  challenged(registry: Registry, challenge: Challenge): void
  /** Records that the registry does not challenge all its repositories alike: from now on none is expected. */
  mixed(registry: Registry): void
  /** Drops the expected challenge, which turned out to be useless. */
  forget(registry: Registry): void
}

/** Creates an empty record of challenges, at most one for each registry. */
export function createKnownChallenges(): KnownChallenges {
  const challenges = new Map<Registry, Challenge>()
  const mixed = new Set<Registry>()
  return {
    expected: registry => (mixed.has(registry) ? undefined : challenges.get(registry)),
    challenged: (registry, challenge) => void challenges.set(registry, challenge),
    mixed: registry => void mixed.add(registry),
    forget: registry => void challenges.delete(registry),
  }
}
