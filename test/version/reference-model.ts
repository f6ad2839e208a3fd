/**
 * The rules of the version engine once more, from their text alone: slow, simple, and written without the code that
 * it judges. Regular expressions, big integers, and a walk over all tags.
 */

export interface ModelAnswer {
  readonly verdict: 'outdated' | 'current' | 'floating' | 'unversioned' | 'unknown'
  readonly newest: string | undefined
  readonly behind: number
  readonly listed: boolean
}

export interface Reading {
  readonly prefix: string
  readonly variant: string
  readonly kinds: string
  /** As many as are written. */
  readonly core: readonly bigint[]
  /** Rank and number of a pre-release (negative rank), nothing (0) or a fix level (1). */
  readonly stage: readonly [bigint, bigint]
  readonly stageNumbered: boolean
  readonly revisions: readonly bigint[]
}

const depths = { rebuild: 3, patch: 2, minor: 1, major: 0 } as const
export type ModelStrategy = keyof typeof depths

const ranks: readonly (readonly [RegExp, bigint])[] = [
  [/^(?:dev|snapshot|nightly|canary)$/i, -5n],
  [/^(?:alpha|a)$/i, -4n],
  [/^(?:beta|b)$/i, -3n],
  [/^(?:milestone|m|preview|pre)$/i, -2n],
  [/^(?:rc|cr)$/i, -1n],
  [/^(?:patch|hotfix)$/i, 1n],
]

export function readModel(tag: string): Reading | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) return undefined
  if (/^sha(?:256|512)-[0-9a-f]{32}|\.(?:sig|att|sbom)$/.test(tag)) return undefined
  const prefixes = [/^[vV]?(?=\d)/, /^[A-Za-z]+(?=\d+\.\d+\.\d)/]
  const found = prefixes.map(pattern => pattern.exec(tag)?.[0])
  const behindSeparators = [...tag.matchAll(/(?<!^x86)[-_][vV]?(?=\d)/g)].map(match =>
    tag.slice(0, match.index + match[0].length),
  )
  const all = (found[0] === undefined ? [found[1], ...behindSeparators.slice(0, 4)] : [found[0]])
    .filter(prefix => prefix !== undefined)
    .map(prefix => readBehind(tag, prefix))
  const plain = (reading: Reading | undefined) =>
    /^(?:(?:x86_64|[A-Za-z][A-Za-z0-9]*)[-_])*[vV]?$/.test(reading?.prefix ?? '')
  return (
    all.find(reading => reading !== undefined && reading.core.length > 2) ??
    all.find(one => one && plain(one))
  )
}

const builds = /(?:^|[-_])(?:sha|pr|main|build|snapshot|nightly|dev|canary)[-_]$/i
const glued =
  /^(?:(?:alpha|beta|rc|cr|milestone|preview|pre|dev|snapshot|nightly|canary|patch|hotfix)(?:\.?\d+)?|[abm]\d{1,5})(?![A-Za-z0-9])/i

function readBehind(tag: string, prefix: string): Reading | undefined {
  const [, digits = '', rest = ''] = /^(\d+(?:\.\d+){0,3})(.*)$/.exec(tag.slice(prefix.length)) ?? []
  const core = digits.split('.').map(BigInt)
  if (/^\.(?:\d|$|[-_.]|x$|x[-_.])/i.test(rest)) return undefined
  if (/^[A-Za-z]/.test(rest) && !glued.test(rest)) return undefined
  return core.length === 1 && isNoVersion(prefix, digits, rest) ? undefined : readTokens(prefix, core, rest)
}

// Of a single number: dates, build ids, commits.
function isNoVersion(prefix: string, digits: string, rest: string): boolean {
  if (digits.length >= 6 || builds.test(prefix)) return true
  return (
    /^(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?![0-9a-zA-Z.])/.test(digits + rest) ||
    /^[abm]\d|^patch|^hotfix/i.test(rest)
  )
}

type Token = readonly [separator: string, text: string]

function tokensIn(rest: string): readonly Token[] {
  const start = /^[A-Za-z]+(?:\.?\d+)?/.exec(rest)?.[0] ?? ''
  const behind = rest.slice(start.length).match(/^[-_.][^-_]*|[-_][^-_]*/g) ?? []
  const separated = behind.map((one): Token => [one.slice(0, 1), one.slice(1)])
  return start === '' ? separated : [['', start], ...separated]
}

interface Part {
  readonly value: bigint
  readonly number: string | undefined
  readonly text: string
  readonly tookNext: boolean
}

// Pre-release or fix level: `value` is the rank, `text` what else is in the token.
function stageIn([, token]: Token, following: string | undefined): Part | undefined {
  const pattern =
    /^(?:[abm](?:\.?\d{1,5})?$|(?:patch|hotfix)(?:\.?\d+)?$|(?!(?:[abm]|patch|hotfix)(?![A-Za-z]))[A-Za-z]+(?:\.?\d+(?![A-Za-z0-9]))?)/i
  const said = pattern.exec(token)?.[0] ?? ''
  const text = token.slice(said.length)
  const number = /\d+$/.exec(said)?.[0]
  const value = ranks.find(([words]) => words.test(said.replace(/\.?\d+$/, '')))?.[1]
  if (value === undefined) return undefined
  const tookNext = number === undefined && text === '' && following !== undefined
  return { value, number: tookNext ? following : number, text, tookNext }
}

// Revision: `value` is the number, `text` the kind.
// oxlint-disable-next-line eslint/complexity -- one rule after the other, as the text has them
function revisionIn(token: Token, following: string | undefined, first: boolean): Part | undefined {
  const written = token.join('')
  const named = /^([-_.]?(?:r|ls|k3s|rke2r|eksbuild|gke|build))\.?(\d+)$/.exec(written)
  const bare = first ? /^(?:(_)(\d+)|(-)(\d{1,5}))$/.exec(written) : null
  const [, text = bare?.[3] ?? '', number = bare?.[4]] = named ?? bare ?? []
  if (number !== undefined) return { value: BigInt(number), number, text, tookNext: false }
  if (!/^.(?:eksbuild|gke|build)$/.test(written) || following === undefined) return undefined
  return { value: BigInt(following), number: following, text: written, tookNext: true }
}

// oxlint-disable-next-line eslint/complexity -- one rule after the other, as the text has them
function readTokens(prefix: string, core: readonly bigint[], rest: string): Reading {
  const tokens = tokensIn(rest)
  const reading = { prefix, variant: '', kinds: '', core, revisions: new Array<bigint>() }
  let stage: Part | undefined
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ['', '']
    const following = /^\d+$/.exec(tokens[at + 1]?.[1] ?? '')?.[0]
    const level = stage === undefined ? stageIn(token, following) : undefined
    const part = level ?? (reading.revisions.length < 2 ? revisionIn(token, following, at === 0) : undefined)
    if (part?.tookNext) at++
    if (level !== undefined) stage = level
    else if (part !== undefined) reading.revisions.push(part.value)
    if (level === undefined && part !== undefined) reading.kinds += part.text
    else reading.variant += level?.text ?? token.join('')
  }
  return withStage(reading, stage)
}

function withStage(reading: Omit<Reading, 'stage' | 'stageNumbered'>, stage: Part | undefined): Reading {
  const fourth = reading.core[3]
  if (stage?.value === 1n && stage.number === undefined && fourth !== undefined)
    return { ...reading, core: reading.core.slice(0, 3), stage: [1n, fourth], stageNumbered: true }
  const number = stage?.number
  return { ...reading, stage: [stage?.value ?? 0n, BigInt(number ?? 0)], stageNumbered: number !== undefined }
}

const at4 = ({ core }: Reading) => [0, 1, 2, 3].map(at => core[at] ?? 0n)
const whole = (one: Reading) => [...at4(one), ...one.stage, one.revisions[0] ?? 0n, one.revisions[1] ?? 0n]

export function compareModel(a: Reading, b: Reading): number {
  const right = whole(b)
  const differences = whole(a).map((value, at) =>
    value < (right[at] ?? 0n) ? -1 : value > (right[at] ?? 0n) ? 1 : 0,
  )
  return differences.find(one => one !== 0) ?? 0
}

export const sameShape = (a: Reading, b: Reading): boolean =>
  a.prefix === b.prefix && a.variant === b.variant && a.kinds === b.kinds
const startsLike = (a: Reading, b: Reading, depth: number) =>
  at4(a)
    .slice(0, depth)
    .every((value, at) => value === at4(b)[at])
const arity = ({ core }: Reading) => Math.min(core.length, 3)

// A tag with a number of its own behind the core is one build; only another spelling of that build extends it.
function floats(one: Reading, all: readonly Reading[]): boolean {
  const isBuild = one.stageNumbered || one.revisions.length > 0
  const extend = (other: Reading) =>
    isBuild ? compareModel(one, other) === 0 : startsLike(one, other, one.core.length)
  return (
    arity(one) < 3 && all.some(other => sameShape(one, other) && arity(other) > arity(one) && extend(other))
  )
}

export function chooseModel(tag: string, tags: readonly string[], strategy: ModelStrategy): ModelAnswer {
  const nothing = { newest: undefined, behind: 0, listed: tags.includes(tag) }
  if (tag === 'latest') return { ...nothing, verdict: 'floating' }
  const own = readModel(tag)
  if (own === undefined) return { ...nothing, verdict: 'unversioned' }
  const legal = tags.filter(
    one =>
      /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(one) && !/^sha(?:256|512)-|\.(?:sig|att|sbom)$/.test(one),
  )
  if (legal.length === 0) return { ...nothing, verdict: 'unknown' }
  const readings = legal.map(readModel).filter(one => one !== undefined)
  const floating = floats(own, readings)
  const depth = floating ? own.core.length : depths[strategy]
  const candidates = legal.flatMap(text => {
    const one = readModel(text)
    const fits =
      one !== undefined && sameShape(one, own) && arity(one) >= arity(own) && startsLike(one, own, depth)
    if (!fits || floats(one, readings) || (one.stage[0] < 0n && own.stage[0] >= 0n)) return []
    return floating || compareModel(one, own) > 0 ? [{ text, one }] : []
  })
  candidates.sort((a, b) => -compareModel(a.one, b.one))
  const best = candidates[0]
  if (best === undefined) return { ...nothing, verdict: floating ? 'floating' : 'current' }
  const behind = new Set(candidates.map(({ one }) => whole(one).join())).size
  return {
    ...nothing,
    verdict: floating ? 'floating' : 'outdated',
    newest: best.text,
    behind: floating ? 0 : behind,
  }
}
