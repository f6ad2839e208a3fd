import { sliceOf, type Choice } from '../version/index.ts'
import { type Evaluation, type PassedTag, sameContent, unproven, type WhyUnknown } from './evaluation.ts'
import { withoutYoung } from './minimum-age.ts'
import type { WantedTags } from './ports.ts'
import { hasOwnTag, proofOf, type Proof } from './proof.ts'
import {
  choiceOf,
  claimOf,
  firstRound,
  judgedIn,
  mostRounds,
  withoutNewest,
  type Missing,
  type MissingDigests,
  type Round,
  type Subject,
} from './round.ts'
import { askedAgainLater, TagSourceError } from './tag-source.ts'
import { ended, ofOwnTag, whyNot, withheldIn } from './withheld.ts'

/**
 * The evaluation of one image by what memory knows, or what memory lacks for it.
 *
 * What is told of another tag is proven: it exists, and what is offered runs where the image does. An `outdated` whose newest tag is not proven is so by the newest tag that
 * was proven before, or else `unknown`; for other verdicts the tag is left out. That the image is another content than the
 * newest is proven too where both digests are known in time. Where that of the image itself is not, the list alone suffices, in
 * every mode: a tag that was never asked for, or cannot be asked for, must not get past by that. An image
 * with the content of the newest is `current` as soon as its digest is known. That a tag does not exist is proven likewise:
 * the list may lack what was pushed since, or what its registry hides.
 */
export function judgeReference(subject: Subject): Evaluation | Missing {
  const wanted = wantedTags(subject)
  const known = subject.ports.catalog.known(wanted)
  if (known === undefined) return { missing: 'tags', subject, wanted }
  return judgeRound(firstRound(subject, wanted, known))
}

// Built by hand: this is made for each image of each review.
function wantedTags({ reference, reading, request }: Subject): WantedTags {
  const { registry, repository, tag = '' } = reference
  const { strategy, access, namespace, fresh } = request
  const slice = sliceOf(tag, strategy, reading)
  const wanted: { -readonly [Key in keyof WantedTags]: WantedTags[Key] } = { registry, repository }
  if (slice !== undefined) wanted.slice = slice
  if (access !== undefined) wanted.access = access
  if (namespace !== undefined) wanted.namespace = namespace
  if (fresh !== undefined) wanted.fresh = fresh
  return wanted
}

const needsPull = { detail: 'its registry does not tell without a pull' }
const nothingRuns: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'its registry lists many newer tags that do not run on its platforms',
}
const nothingProven: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: `its registry lists newer tags that it does not have; ${askedAgainLater}`,
}

/** The evaluation by one round and those that follow it, or the first digests that they lack. */
export function judgeRound(round: Round): Evaluation | MissingDigests {
  const choice = choiceOf(round)
  const { digests: catalog } = round.subject.ports
  if (catalog === undefined || choice.reason !== 'not-listed') return judgeProven(round, choice)
  const own = hasOwnTag(claimOf(round, '', choice), round.answers ?? catalog)
  if (typeof own === 'object') return { missing: 'digests', round, catalog, ...own }
  return judgeProven(round, ofOwnTag(choice, own))
}

function judgeProven(round: Round, choice: Choice): Evaluation | MissingDigests {
  const { ports, request } = round.subject
  const { digests: catalog } = ports
  const candidate = choice.newest ?? choice.elsewhere
  if (catalog === undefined || candidate === undefined)
    return passedYoung(round, choice) ?? judgedIn(round, choice)
  const proof = proofOf(claimOf(round, candidate, choice), round.answers ?? catalog)
  if (typeof proof === 'string') return concluded(proof, round, choice)
  if (proof instanceof TagSourceError)
    return passedYoung(round, choice) ?? withheldIn(round, choice, whyNot(proof, request.access))
  return { missing: 'digests', round, catalog, ...proof }
}

function concluded(proof: Proof, round: Round, choice: Choice): Evaluation | MissingDigests {
  const { subject, known, waiting } = round
  const { image, reference } = subject
  switch (proof) {
    case 'exists':
      return passedYoung(round, choice) ?? judgedIn(round, choice)
    case 'same-content':
      return sameContent(image, reference, { choice, known, waiting })
    case 'missing':
      return chosenAgain(round, choice)
    case 'untold':
      return passedYoung(round, choice) ?? unproven(judgedIn(round, choice), needsPull)
    case 'other-platform':
    case 'no-image':
      return passedOver(round, choice, proof)
  }
}

// Its place is taken by the next one; where there is none the image is current, and the newest is named all the same.
function passedOver(round: Round, choice: Choice, reason: PassedTag['reason']): Evaluation | MissingDigests {
  const next = withoutNewest(round, choice, reason)
  if (next === undefined) return withheldIn(round, choice, nothingRuns)
  return ended(next) ?? judgeRound(next)
}

// A tag that is too young is looked up like any other, so that the catalog sees it when it moves.
function passedYoung(round: Round, choice: Choice): Evaluation | MissingDigests | undefined {
  const older = withoutYoung(round, choice)
  return older && (ended(older) ?? judgeRound(older))
}

// The catalog has dropped the tag that proved to be gone: the next one may be there.
function chosenAgain(round: Round, choice: Choice): Evaluation | MissingDigests {
  const known = round.subject.ports.catalog.known({ ...round.wanted, late: true })
  if (round.number >= mostRounds || known === undefined || known.learned === round.known.learned)
    return withheldIn(round, choice, nothingProven)
  return judgeRound({ ...round, known, number: round.number + 1 })
}
