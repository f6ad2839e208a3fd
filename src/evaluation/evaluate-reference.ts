import { sliceOf, type Choice } from '../version/index.ts'
import type { Evaluation, PassedTag } from './evaluation.ts'
import { notCheckedYet, sameContent, unknown, unproven, type WhyUnknown } from './judged.ts'
import { TagSourceError, type Access, type WantedTags } from './ports.ts'
import { hasOwnTag, proofOf, type Proof } from './proof.ts'
import { choiceOf, claimOf, judgedIn, mostRounds, withoutNewest, type Round, type Subject } from './round.ts'
import { endedElsewhere, ofOwnTag, stillProving, withheldIn } from './withheld.ts'

/**
 * Its evaluation, at once where memory knows all that it takes, else within the budget.
 *
 * What is told of another tag is proven: it exists, and what is offered runs where the image does. An `outdated` whose newest tag is not proven is so by the newest tag that
 * was proven before, or else `unknown`; for other verdicts the tag is left out. That the image is another content than the
 * newest is proven too where both digests are known in time. Where that of the image itself is not, the list alone suffices, in
 * every mode: a tag that was never asked for, or cannot be asked for, must not get past by that. An image
 * with the content of the newest is `current` as soon as its digest is known. That a tag does not exist is proven likewise:
 * the list may lack what was pushed since, or what its registry hides.
 */
export function evaluateReference(subject: Subject): Evaluation | Promise<Evaluation> {
  const wanted = wantedTags(subject)
  const known = subject.ports.catalog.known(wanted)
  if (known === undefined) return withinBudget(lookedUp(subject, wanted), subject, wanted)
  const round = { subject, wanted, known, number: 1, passed: [] }
  const evaluation = evaluationBy(round, choiceOf(round))
  return evaluation instanceof Promise ? withinBudget(evaluation, subject, wanted) : evaluation
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

// One wait for the whole of it: what goes on behind it fills the catalogs for the next one who asks.
async function withinBudget(
  evaluation: Promise<Evaluation>,
  subject: Subject,
  wanted: WantedTags,
): Promise<Evaluation> {
  const { patience, catalog } = subject.ports
  const settled = await patience.wait(evaluation, subject.request.budget)
  if (settled !== undefined) return settled
  const known = catalog.known({ ...wanted, late: true })
  if (known === undefined) return notCheckedYet(subject.image, subject.reference)
  const round = { subject, wanted, known, number: 1, passed: [] }
  return withheldIn(round, choiceOf(round), stillProving)
}

async function lookedUp(subject: Subject, wanted: WantedTags): Promise<Evaluation> {
  try {
    const known = await subject.ports.catalog.lookUp(wanted)
    const round = { subject, wanted, known, number: 1, passed: [] }
    return await evaluationBy(round, choiceOf(round))
  } catch (error) {
    return unknown(subject.image, subject.reference, whyNot(error, subject.request.access))
  }
}

const needsPull = { detail: 'its registry does not tell without a pull' }
const nothingRuns: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'its registry lists many newer tags that do not run on its platforms',
}
const nothingProven: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'its registry lists newer tags that it does not have; it is asked again later',
}

function evaluationBy(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const { digests } = round.subject.ports
  if (digests === undefined || choice.reason !== 'not-listed') return provenBy(round, choice)
  const own = hasOwnTag(claimOf(round, '', choice), digests)
  return own instanceof Promise
    ? own.then(settled => provenBy(round, ofOwnTag(choice, settled)))
    : provenBy(round, ofOwnTag(choice, own))
}

function provenBy(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const { digests } = round.subject.ports
  const told = choice.newest ?? choice.elsewhere
  if (digests === undefined || told === undefined) return judgedIn(round, choice)
  const proof = proofOf(claimOf(round, told, choice), digests)
  return proof instanceof Promise ? awaited(proof, round, choice) : concluded(proof, round, choice)
}

async function awaited(proof: Promise<Proof>, round: Round, choice: Choice): Promise<Evaluation> {
  try {
    return await concluded(await proof, round, choice)
  } catch (error) {
    return withheldIn(round, choice, whyNot(error, round.subject.request.access))
  }
}

function concluded(proof: Proof, round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const { image, reference } = round.subject
  switch (proof) {
    case 'exists':
      return judgedIn(round, choice)
    case 'same-content':
      return sameContent(image, reference, { choice, known: round.known })
    case 'missing':
      return chosenAgain(round, choice)
    case 'untold':
      return unproven(judgedIn(round, choice), needsPull)
    case 'other-platform':
    case 'no-image':
      return passedOver(round, choice, proof)
  }
}

// Its place is taken by the next one; where there is none the image is current, and the newest is named all the same.
function passedOver(
  round: Round,
  choice: Choice,
  reason: PassedTag['reason'],
): Evaluation | Promise<Evaluation> {
  const next = withoutNewest(round, choice, reason)
  if (next === undefined) return withheldIn(round, choice, nothingRuns)
  return endedElsewhere(next) ?? evaluationBy(next, choiceOf(next))
}

// The catalog has dropped the tag that proved to be gone: the next one may be there.
function chosenAgain(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const known = round.subject.ports.catalog.known({ ...round.wanted, late: true })
  if (round.number >= mostRounds || known === undefined || known.learned === round.known.learned)
    return withheldIn(round, choice, nothingProven)
  const next = { ...round, known, number: round.number + 1 }
  return evaluationBy(next, choiceOf(next))
}

// A registry that wants credentials may have been asked without those that a pull secret should have held.
function whyNot(error: unknown, access: Access | undefined): WhyUnknown {
  if (!(error instanceof TagSourceError)) throw error
  const { code, message, messageForOthers } = error
  const [first, ...others] = access?.problems ?? []
  if (access === undefined || first === undefined || (code !== 'unauthorized' && code !== 'not-found'))
    return { reason: code, detail: message, detailForOthers: messageForOthers }
  return {
    reason: 'unreadable-credentials',
    detail: [first, ...others.slice(0, mostProblems - 1), message].join('; '),
    detailForOthers: `a pull secret of namespace ${access.namespace} cannot be used; its policy report says which; ${messageForOthers}`,
  }
}

const mostProblems = 3 // one is usual; they are read by a person
