import { lists, offeredTags, type Choice } from '../version/index.ts'
import {
  type Evaluation,
  type PassedTag,
  onlyWaiting,
  onOtherPlatform,
  sameContent,
  unknown,
  unproven,
  withheld,
  type WhyUnknown,
} from './evaluation.ts'
import { waitsUntil, withoutYoung } from './minimum-age.ts'
import type { Access } from './ports.ts'
import { hasOwnTagInMemory, proofInMemory, type Proof } from './proof.ts'
import { choose, learnedIn } from './remember-choices.ts'
import { choiceOf, claimOf, judgedIn, tagsIn, withoutNewest, type Round } from './round.ts'
import type { TagSourceError } from './tag-source.ts'

/** Why a tag that was not yet proven to exist is not told. */
export const stillProving: WhyUnknown = {
  reason: 'not-checked-yet',
  detail: 'there seems to be a newer tag; whether it exists is looked up in the background',
}
const stillAsking = { detail: 'that is looked up in the background' }

/** The evaluation by what is proven so far, where more will not be known in time. */
export function withheldIn(round: Round, choice: Choice, why: WhyUnknown): Evaluation {
  const { subject, known, waiting } = round
  const { image, reference } = subject
  if (choice.verdict !== 'outdated')
    return withheld(image, reference, { choice: ownInMemory(round, choice), known, waiting })
  const proof = newestInMemory(round, choice)
  if (proof === 'same-content') return sameContent(image, reference, { choice, known, waiting })
  const older = withoutYoung(round, choice)
  if (older !== undefined) return ended(older) ?? withheldIn(older, choiceOf(older), why)
  if (proof === 'exists') return judgedIn(round, choice)
  const before = provenBefore(round, choice)
  return before === undefined ? withheldBy(proof, { round, choice, why }) : judgedIn(round, before)
}

function newestInMemory(round: Round, choice: Choice): Proof | undefined {
  const { digests } = round.subject.ports
  if (digests === undefined || choice.newest === undefined) return undefined
  return proofInMemory(claimOf(round, choice.newest, choice), digests)
}

function withheldBy(
  proof: Exclude<Proof, 'same-content' | 'exists'> | undefined,
  { round, choice, why }: Withheld,
): Evaluation {
  switch (proof) {
    case 'untold':
      return unproven(judgedIn(round, choice), why === stillProving ? stillAsking : why)
    case 'other-platform':
    case 'no-image':
      return withheldWithout(proof, { round, choice, why })
    case 'missing':
    case undefined:
      return unknown(round.subject.image, round.subject.reference, why)
  }
}

interface Withheld {
  readonly round: Round
  readonly choice: Choice
  readonly why: WhyUnknown
}

function withheldWithout(reason: PassedTag['reason'], { round, choice, why }: Withheld): Evaluation {
  const next = withoutNewest(round, choice, reason)
  if (next === undefined) return unknown(round.subject.image, round.subject.reference, why)
  return ended(next) ?? withheldIn(next, choiceOf(next), why)
}

function ownInMemory(round: Round, choice: Choice): Choice {
  const { digests } = round.subject.ports
  if (digests === undefined || choice.reason !== 'not-listed') return choice
  return ofOwnTag(choice, hasOwnTagInMemory(claimOf(round, '', choice), digests))
}

/** The choice with what is known of the tag of the image itself, which the list lacks. */
export function ofOwnTag(choice: Choice, isThere: boolean | undefined): Choice {
  return isThere === false ? choice : { ...choice, reason: 'unlisted' }
}

/** That nothing newer is left in the line of the image but what is too young, or runs elsewhere; undefined where there is, or nothing does. */
export function ended(round: Round): Evaluation | undefined {
  const { subject, known, passed, waiting } = round
  const choice = choiceOf(round)
  if (waiting !== undefined && choice.verdict !== 'outdated' && choice.verdict !== 'floating')
    return onlyWaiting(subject.image, subject.reference, { choice, known, passed, waiting })
  const isElsewhere = passed.some(({ reason }) => reason === 'other-platform')
  if (choice.verdict === 'outdated' || !isElsewhere) return undefined
  return onOtherPlatform(subject.image, subject.reference, { choice, known, passed })
}

// So many lines of one repository are in use at once; each costs a choice.
const mostProven = 100

/*
 * What was proven of the line before its newest tag came: a tag that is listed now and cannot be proven must not undo that. A
 * tag with the same newest and fewer versions on the way is of the same line, and newer.
 */
function provenBefore(round: Round, choice: Choice): Choice | undefined {
  const { subject, wanted } = round
  const { request, ports } = subject
  const { digests } = ports
  if (digests === undefined) return undefined
  let best: Choice | undefined
  const tags = tagsIn(round)
  const chooseOnce = ports.choose ?? choose
  const mayBeTold = createOfferTest(round)
  const proven = digests.proven(wanted).filter(tag => tag.startsWith(wanted.slice ?? ''))
  for (const tag of proven.slice(-mostProven)) {
    const { newest, behind } = chooseOnce(tag, tags, request)
    const passed = choice.behind - behind
    if (newest !== choice.newest || passed <= (best?.behind ?? 0) || !mayBeTold(tag)) continue
    const older = { ...choice, newest: tag, behind: passed }
    if (proofInMemory(claimOf(round, tag, older), digests) === 'exists') best = older
  }
  return best
}

// What was proven may be gone by now, have been told by another rule, and be too young by this one.
function createOfferTest(round: Round): (tag: string) => boolean {
  const { subject, known } = round
  const { reference, request } = subject
  let offered: ReadonlySet<string> | undefined
  const isOffered = (tag: string): boolean => {
    if (request.rule === undefined) return true
    offered ??= new Set(offeredTags(reference.tag ?? '', learnedIn(tagsIn(round)), request))
    return offered.has(tag)
  }
  return tag => lists(known.learned, tag) && isOffered(tag) && waitsUntil(tag, round) === undefined
}

/** Why tags or a digest could not be had. A registry that wants credentials may have been asked without those that a pull secret should have held. */
export function whyNot(error: TagSourceError, access: Access | undefined): WhyUnknown {
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
