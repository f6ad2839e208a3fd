import { offeredTags, type Choice } from '../version/index.ts'
import { cameAt, type PassedTag } from './evaluation.ts'
import { learnedIn } from './remember-choices.ts'
import { tagsIn, type Round } from './round.ts'
import { TagSourceError } from './tag-source.ts'

/**
 * The next round, in which the tags are passed over that are newer than the first one that is old enough; undefined where the
 * newest is.
 */
export function withoutYoung(round: Round, { newest }: Choice): Round | undefined {
  const until = newest === undefined ? undefined : waitsUntil(newest, round)
  if (newest === undefined || until === undefined) return undefined
  const passed = [...round.passed, ...youngIn(round, newest)]
  return { ...round, number: round.number + 1, passed, waiting: round.waiting ?? { tag: newest, until } }
}

// All at once: of a line with a release each day, more wait than there may be rounds.
function youngIn(round: Round, newest: string): readonly PassedTag[] {
  const { reference, request } = round.subject
  const young: PassedTag[] = [{ tag: newest, reason: 'waiting' }]
  for (const tag of offeredTags(reference.tag ?? '', learnedIn(tagsIn(round)), request)) {
    if (tag === newest) continue
    if (waitsUntil(tag, round) === undefined) break
    young.push({ tag, reason: 'waiting' })
  }
  return young
}

/** When a tag will be old enough to be offered, in epoch milliseconds; undefined where it is. What came at no known time came now. */
export function waitsUntil(tag: string, round: Round): number | undefined {
  const { request, ports } = round.subject
  const { minimumAge } = request
  if (minimumAge === undefined || minimumAge === 0) return undefined
  if (ports.wallClock === undefined) throw new TypeError('a minimum age needs a wall clock')
  const now = ports.wallClock()
  const came = cameAt(tag, round.known) ?? now
  const until = Math.max(came, movedAt(tag, round) ?? came) + minimumAge
  return now < until ? until : undefined
}

// A tag that stands for something else since is as young as that.
function movedAt(tag: string, { subject, answers }: Round): number | undefined {
  const { reference, request, ports } = subject
  const snapshot = answers ?? ports.digests
  const { registry, repository } = reference
  const { access } = request
  const wanted = { registry, repository, tag, told: true, ...(access && { access }) }
  const known = snapshot?.knownDigest({ ...wanted, platforms: true }) ?? snapshot?.knownDigest(wanted)
  return known instanceof TagSourceError ? undefined : known?.since
}
