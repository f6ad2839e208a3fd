import { numeral, type Numeral } from './numeral.ts'
import type { Token } from './token.ts'
import { stages, type Stage } from './version.ts'

/** What one token, with the next one where that carries its number, adds to a suffix. */
export interface TokenReading {
  /** What must be equal literally; empty where the token was understood. */
  readonly literal: string
  readonly stage: Stage | undefined
  readonly revisionKind: string | undefined
  readonly number: Numeral | undefined
  readonly tookNext: boolean
}

/** What may still be read: a tag has one stage, and a limited number of revisions. */
export interface Open {
  readonly stage: boolean
  readonly revision: boolean
}

/** What the token at this place says; a token that says nothing known is literal. */
export function readToken(tokens: readonly Token[], at: number, open: Open): TokenReading {
  const token = tokens[at]
  if (token === undefined) return literally('')
  const next = tokens[at + 1]
  return (
    (open.stage ? (readPreRelease(token, next) ?? readFixLevel(token, next)) : undefined) ??
    (open.revision ? readRevision(token, next) : undefined) ??
    literally(token.separator + token.text)
  )
}

const kinds: Readonly<Record<string, Stage>> = {
  dev: stages.build,
  snapshot: stages.build,
  nightly: stages.build,
  canary: stages.build,
  alpha: stages.alpha,
  a: stages.alpha,
  beta: stages.beta,
  b: stages.beta,
  milestone: stages.preview,
  m: stages.preview,
  preview: stages.preview,
  pre: stages.preview,
  rc: stages.candidate,
  cr: stages.candidate,
}

// A word counts however it goes on (`rc.1.2`, `dev.4f3a9c1`): what follows stays literal, but a pre-release it is. A
// letter counts only alone or with a small number, for `-a123456` is a commit.
const word =
  /^(snapshot|nightly|canary|dev|alpha|beta|milestone|preview|pre|rc|cr)(?:\.?(\d+)(?![a-z0-9])|(?![a-z]))(.*)$/i
const letter = /^([abm])(?:\.?(\d{1,5}))?()$/i
const fix = /^(?:patch|hotfix)(?:\.?(\d+))?$/i

function readPreRelease(token: Token, next: Token | undefined): TokenReading | undefined {
  const match = word.exec(token.text) ?? letter.exec(token.text)
  if (match === null) return undefined
  const [, name = '', digits, rest = ''] = match
  const stage = kinds[name.toLowerCase()]
  if (stage === undefined) return undefined
  return { ...numbered(digits, rest === '' ? next : undefined), literal: rest, stage }
}

function readFixLevel(token: Token, next: Token | undefined): TokenReading | undefined {
  const match = fix.exec(token.text)
  return match === null ? undefined : { ...numbered(match[1], next), stage: stages.fix }
}

// `-rc.1`, `-rc1` and `-rc-1` are written for the same thing.
function numbered(digits: string | undefined, next: Token | undefined): TokenReading {
  const own = digits === undefined ? undefined : numeral(digits)
  if (own !== undefined || next === undefined || !/^\d+$/.test(next.text))
    return { ...literally(''), number: own }
  return { ...literally(''), number: numeral(next.text), tookNext: true }
}

// Distributions' and vendors' own counters: Alpine and Bitnami, LinuxServer, K3s, RKE2, EKS, GKE, and build numbers.
const revision = /^(r|ls|k3s|rke2r|eksbuild|gke|build)\.?(\d+)$/
const revisionWord = /^(eksbuild|gke|build)$/
// `-2` and `-1014` count rebuilds; six digits and more are dates and build ids, which say nothing about order.
const smallNumber = /^\d{1,5}$/

function readRevision(token: Token, next: Token | undefined): TokenReading | undefined {
  const named = revision.exec(token.text)
  if (named !== null) return counted(token.separator + (named[1] ?? ''), named[2] ?? '')
  if (token.first && bareNumber(token)) return counted(token.separator, token.text)
  if (!revisionWord.test(token.text) || next === undefined || !/^\d+$/.test(next.text)) return undefined
  return { ...counted(token.separator + token.text, next.text), tookNext: true }
}

function bareNumber({ separator, text }: Token): boolean {
  return separator === '_' ? /^\d+$/.test(text) : smallNumber.test(text)
}

function counted(revisionKind: string, digits: string): TokenReading {
  return { ...literally(''), revisionKind, number: numeral(digits) }
}

function literally(literal: string): TokenReading {
  return { literal, stage: undefined, revisionKind: undefined, number: undefined, tookNext: false }
}
