import type { Reference } from '../image/index.ts'
import { choose as chooseAnew, sliceOf, type Choice, type TagReading } from '../version/index.ts'
import type { Evaluation } from './evaluation.ts'
import { judged, notCheckedYet, sameContent, unknown, withheld, type WhyUnknown } from './judged.ts'
import { TagSourceError, type Access, type KnownTags, type WantedTags } from './ports.ts'
import { proofOf, type Proof } from './proof.ts'
import type { EvaluationPorts, EvaluationRequest } from './request.ts'

/** An image whose tags must be known to judge it. */
export interface Subject {
  readonly image: string
  readonly reference: Reference
  readonly reading: TagReading
  readonly request: EvaluationRequest
  readonly ports: EvaluationPorts
}

/**
 * Its evaluation, at once where memory knows all that it takes, else within the budget. What is told of another tag is
 * proven by its digest: an `outdated` that cannot be proven is `unknown`, and other tags are left out.
 */
export function evaluateReference(subject: Subject): Evaluation | Promise<Evaluation> {
  const wanted = wantedTags(subject)
  const known = subject.ports.catalog.known(wanted)
  if (known === undefined) {
    const late = notCheckedYet(subject.image, subject.reference)
    return withinBudget(lookedUp(subject, wanted), late, subject)
  }
  const round = { subject, wanted, known, number: 1 }
  const choice = choiceOf(round)
  const evaluation = evaluationBy(round, choice)
  return evaluation instanceof Promise
    ? withinBudget(evaluation, withheldIn(round, choice, stillProving), subject)
    : evaluation
}

// Built by hand: this is made for each image of each review.
function wantedTags({ reference, reading, request }: Subject): WantedTags {
  const { registry, repository, tag = '' } = reference
  const { strategy, access } = request
  const slice = sliceOf(tag, strategy, reading)
  if (slice === undefined)
    return access === undefined ? { registry, repository } : { registry, repository, access }
  return access === undefined ? { registry, repository, slice } : { registry, repository, slice, access }
}

// One wait for the whole of it: what goes on behind it fills the catalogs for the next one who asks.
async function withinBudget(
  evaluation: Promise<Evaluation>,
  late: Evaluation,
  { ports, request }: Subject,
): Promise<Evaluation> {
  return (await ports.patience.wait(evaluation, request.budget)) ?? late
}

async function lookedUp(subject: Subject, wanted: WantedTags): Promise<Evaluation> {
  try {
    const known = await subject.ports.catalog.lookUp(wanted)
    const round = { subject, wanted, known, number: 1 }
    return await evaluationBy(round, choiceOf(round))
  } catch (error) {
    return unknown(subject.image, subject.reference, whyNot(error, subject.request.access))
  }
}

/** A choice among the tags as they are known at the moment. */
interface Round {
  readonly subject: Subject
  readonly wanted: WantedTags
  readonly known: KnownTags
  readonly number: number
}

// Tags that were deleted together are dropped one by one; a registry that lists more than it has must not keep us.
const mostRounds = 3

const stillProving: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'there seems to be a newer tag; whether it exists is looked up in the background',
}
const nothingProven: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'its registry lists newer tags that it does not have; it is asked again later',
}

function choiceOf({ subject: { reference, request, ports }, known }: Round): Choice {
  return (ports.choose ?? chooseAnew)(reference.tag, known.index, request.strategy)
}

function evaluationBy(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const { image, reference, request, ports } = round.subject
  const told = choice.newest ?? choice.elsewhere
  if (ports.digests === undefined || told === undefined)
    return judged(image, reference, { choice, known: round.known })
  const claim = { reference, access: request.access, told, differs: choice.verdict === 'outdated' }
  const proof = proofOf(claim, ports.digests)
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
      return judged(image, reference, { choice, known: round.known })
    case 'same-content':
      return sameContent(image, reference, { choice, known: round.known })
    case 'missing':
      return chosenAgain(round, choice)
  }
}

// The catalog has dropped the tag that proved to be gone: the next one may be there.
function chosenAgain(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const known = round.subject.ports.catalog.known(round.wanted)
  if (round.number >= mostRounds || known === undefined || known.index === round.known.index)
    return withheldIn(round, choice, nothingProven)
  const next = { ...round, known, number: round.number + 1 }
  return evaluationBy(next, choiceOf(next))
}

function withheldIn(
  { subject: { image, reference }, known }: Round,
  choice: Choice,
  why: WhyUnknown,
): Evaluation {
  return choice.verdict === 'outdated'
    ? unknown(image, reference, why)
    : withheld(image, reference, { choice, known })
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
