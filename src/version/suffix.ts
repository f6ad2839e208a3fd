import type { Numeral } from './numeral.ts'
import { readToken } from './read-token.ts'
import { tokensOf, type Token } from './token.ts'
import { stages, type Stage, type Suffix } from './version.ts'

const noSuffix: Suffix = {
  variant: '',
  revisionKinds: '',
  revisions: [],
  stage: stages.release,
  stageNumber: undefined,
  build: false,
}

/**
 * What the text after a tag's core says, or undefined where the core with this text is no version: `1.x`, `3a`,
 * `4f3a9c1`, a fifth number. `single`: the core is one number, which a letter glued to it makes a hash sooner than an alpha.
 */
export function readSuffix(text: string, single: boolean): Suffix | undefined {
  if (text === '') return noSuffix
  if (!legalSuffix.test(text) || artefactSuffix.test(text)) return undefined
  const tokens = tokensOf(text, single)
  return tokens === undefined ? undefined : suffixOf(tokens)
}

// What stands behind a core in a legal tag; Cosign's names are no versions whatever stands before them.
const legalSuffix = /^[A-Za-z0-9._-]*$/
const artefactSuffix = /\.(?:sig|att|sbom)$/

// Two are all that are seen together (`-rke2r1-build20230719`); a third is kept as text, so that no tag can make a
// comparison long.
const mostRevisions = 2

function suffixOf(tokens: readonly Token[]): Suffix {
  let variant = ''
  let revisionKinds = ''
  let stage: Stage = stages.release
  let stageNumber: Numeral | undefined
  const revisions: Numeral[] = []
  for (let at = 0; at < tokens.length; at++) {
    const reading = readToken(tokens, at, {
      stage: stage === stages.release,
      revision: revisions.length < mostRevisions,
    })
    if (reading.tookNext) at++
    variant += reading.literal
    if (reading.stage !== undefined) {
      stage = reading.stage
      stageNumber = reading.number
    }
    if (reading.revisionKind !== undefined) {
      revisionKinds += reading.revisionKind
      revisions.push(reading.number ?? 0)
    }
  }
  const build = stageNumber !== undefined || revisions.length > 0
  return { variant, revisionKinds, revisions, stage, stageNumber, build }
}
