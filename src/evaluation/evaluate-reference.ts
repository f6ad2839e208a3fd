import type { Reference } from '../image/index.ts'
import {
  choose as chooseAnew,
  countedFrom,
  lists,
  sliceOf,
  type Choice,
  type TagReading,
} from '../version/index.ts'
import type { Evaluation } from './evaluation.ts'
import { judged, notCheckedYet, sameContent, unknown, withheld, type WhyUnknown } from './judged.ts'
import { TagSourceError, type Access, type DigestCatalog, type KnownTags, type WantedTags } from './ports.ts'
import { hasOwnTag, hasOwnTagInMemory, proofInMemory, proofOf, type Claim, type Proof } from './proof.ts'
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
 * Its evaluation, at once where memory knows all that it takes, else within the budget.
 *
 * What is told of another tag is proven: it exists. An `outdated` whose newest tag is not proven is so by the newest tag that
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
  const round = { subject, wanted, known, number: 1 }
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
  const round = { subject, wanted, known, number: 1 }
  return withheldIn(round, choiceOf(round), stillProving)
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
const mostRounds = 10

const stillProving: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'there seems to be a newer tag; whether it exists is looked up in the background',
}
const nothingProven: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'its registry lists newer tags that it does not have; it is asked again later',
}

function choiceOf({ subject: { reference, request, ports }, known }: Round): Choice {
  return (ports.choose ?? chooseAnew)(reference.tag, known.learned, request.strategy)
}

function evaluationBy(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const { digests } = round.subject.ports
  if (digests === undefined || choice.reason !== 'not-listed') return provenBy(round, choice)
  const own = hasOwnTag(claimOf(round, '', choice), digests)
  return own instanceof Promise
    ? own.then(settled => provenBy(round, ofOwnTag(choice, settled)))
    : provenBy(round, ofOwnTag(choice, own))
}

function ofOwnTag(choice: Choice, isThere: boolean | undefined): Choice {
  return isThere === false ? choice : { ...choice, reason: 'unlisted' }
}

function provenBy(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const { digests } = round.subject.ports
  const told = choice.newest ?? choice.elsewhere
  if (digests === undefined || told === undefined) return judgedIn(round, choice)
  const proof = proofOf(claimOf(round, told, choice), digests)
  return proof instanceof Promise ? awaited(proof, round, choice) : concluded(proof, round, choice)
}

function claimOf({ subject: { reference, request } }: Round, told: string, { verdict }: Choice): Claim {
  const { access, namespace, fresh } = request
  return { reference, access, namespace, fresh, told, differs: verdict === 'outdated' }
}

function judgedIn(round: Round, choice: Choice): Evaluation {
  const { subject, known } = round
  const { image, reference } = subject
  if (choice.verdict !== 'outdated') return judged(image, reference, { choice, known })
  const counted = countedFrom(reference.tag ?? '', known.learned)
  return judged(image, reference, { choice, known, counted, newestDigest: newestDigestIn(round, choice) })
}

// Who has pinned an image wants the other digest together with the other tag.
function newestDigestIn({ subject }: Round, { newest }: Choice): string | undefined {
  const { reference, request, ports } = subject
  if (reference.digest === undefined || newest === undefined) return undefined
  const { registry, repository } = reference
  const { access } = request
  const wanted = { registry, repository, tag: newest, told: true, platforms: true, ...(access && { access }) }
  return ports.digests?.knownDigest(wanted)?.digest?.digest
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
  }
}

// The catalog has dropped the tag that proved to be gone: the next one may be there.
function chosenAgain(round: Round, choice: Choice): Evaluation | Promise<Evaluation> {
  const known = round.subject.ports.catalog.known({ ...round.wanted, late: true })
  if (round.number >= mostRounds || known === undefined || known.learned === round.known.learned)
    return withheldIn(round, choice, nothingProven)
  const next = { ...round, known, number: round.number + 1 }
  return evaluationBy(next, choiceOf(next))
}

function ownInMemory(round: Round, choice: Choice, digests: DigestCatalog): Choice {
  if (choice.reason !== 'not-listed') return choice
  return ofOwnTag(choice, hasOwnTagInMemory(claimOf(round, '', choice), digests))
}

// What may be told by what is proven so far, as more will not be known in time.
function withheldIn(round: Round, choice: Choice, why: WhyUnknown): Evaluation {
  const { subject, known } = round
  const { image, reference, ports } = subject
  const { digests } = ports
  if (choice.verdict !== 'outdated')
    return withheld(image, reference, {
      choice: digests ? ownInMemory(round, choice, digests) : choice,
      known,
    })
  const { newest } = choice
  const proof = digests && newest && proofInMemory(claimOf(round, newest, choice), digests)
  if (proof === 'same-content') return sameContent(image, reference, { choice, known })
  if (proof === 'exists') return judgedIn(round, choice)
  const before = provenBefore(round, choice)
  return before === undefined ? unknown(image, reference, why) : judgedIn(round, before)
}

// So many lines of one repository are in use at once; each costs a choice.
const mostProven = 100

/*
 * What was proven of the line before its newest tag came: a tag that is listed now and cannot be proven must not undo that. A
 * tag with the same newest and fewer versions on the way is of the same line, and newer.
 */
function provenBefore(round: Round, choice: Choice): Choice | undefined {
  const { subject, wanted, known } = round
  const { request, ports } = subject
  const { digests } = ports
  if (digests === undefined) return undefined
  let best: Choice | undefined
  const proven = digests.proven(wanted).filter(tag => tag.startsWith(wanted.slice ?? ''))
  for (const tag of proven.slice(-mostProven)) {
    const { newest, behind } = chooseAnew(tag, known.learned, request.strategy)
    const passed = choice.behind - behind
    if (newest !== choice.newest || passed <= (best?.behind ?? 0) || !lists(known.learned, tag)) continue
    const older = { ...choice, newest: tag, behind: passed }
    if (proofInMemory(claimOf(round, tag, older), digests) === 'exists') best = older
  }
  return best
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
