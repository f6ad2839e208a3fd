import type { Authority, AuthorityTiming } from './authority.ts'
import { authoritiesIn, trusted } from './bundle.ts'
import type { Authorities, PreviousAuthority, StoredAuthorities } from './stored-authorities.ts'

/** What the leader knows when it decides on its next step. Instants in epoch milliseconds. */
export interface AuthoritySituation {
  readonly stored: StoredAuthorities
  /** The bundle (PEM, empty where there is none) of each webhook that is ours to write. */
  readonly bundles: readonly string[]
  /** For how many milliseconds all of them have been as wanted, as far as this leader saw; undefined: they are not. */
  readonly publishedFor: number | undefined
  readonly now: number
}

/** The next step towards the state in which replicas are signed for and trusted. After each, the situation is looked at again. */
export type AuthorityStep =
  /** Make an authority, and store it beside these. */
  | { readonly do: 'make'; readonly as: 'current' | 'next'; readonly beside: Authorities }
  | {
      readonly do: 'store'
      readonly authorities: Authorities
      readonly why: 'promoted' | 'retired' | 'adopted'
    }
  /** Write this bundle (PEM) into each webhook. */
  | { readonly do: 'publish'; readonly bundle: string }
  /** API servers have yet to learn of the next authority: look again after so many milliseconds. */
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'none' }
  /** A person has to act; what is served stays. */
  | { readonly do: 'report'; readonly why: string }

/**
 * The order of a rotation: the next authority is stored; it is published beside the one that signs; API servers are given time to
 * learn of it; then it signs; and the one before leaves the bundle only after the last certificate that it signed has ended.
 * Whichever step a process ends at, the next leader goes on from what is stored.
 */
export function nextStep(
  { stored, bundles, publishedFor, now }: AuthoritySituation,
  timing: AuthorityTiming,
): AuthorityStep {
  switch (stored.kind) {
    case 'broken':
      return { do: 'report', why: stored.problem.message }
    case 'none':
      return firstStep(bundles, now, timing)
    case 'usable':
      return (
        storedStep(stored.authorities, now) ??
        publishedStep({ ...stored, bundles, publishedFor, now }, timing)
      )
  }
}

/** What bundles have is trusted as long as a certificate of ours may last: those who serve by them are being replaced. */
function firstStep(bundles: readonly string[], now: number, timing: AuthorityTiming): AuthorityStep {
  const others = bundles.flatMap(authoritiesIn).filter(one => now < one.expiresAt)
  const newest = others.toSorted((one, other) => one.startsAt - other.startsAt).slice(-mostAdopted)
  const certificates = new Set(newest.map(({ certificate }) => certificate))
  const previous = [...certificates].map(certificate => ({ certificate, until: endOfLeaves(now, timing) }))
  const beside = { current: undefined, next: undefined, previous }
  // Where nothing is trusted yet there is nothing to wait for.
  return { do: 'make', as: previous.length === 0 ? 'current' : 'next', beside }
}

const mostAdopted = 4

/** What the stored authorities need, apart from who trusts them. */
function storedStep(authorities: Authorities, now: number): AuthorityStep | undefined {
  const early = [authorities.current, authorities.next].find(one => one !== undefined && now < one.startsAt)
  if (early !== undefined)
    return {
      do: 'report',
      why: `${early.name} is not valid before ${iso(early.startsAt)}, by the clock of this machine`,
    }
  return successorStep(authorities, now)
}

/** A next authority where it is time for one, at the place of the one that signs where nothing is trusted any more. */
function successorStep({ current, next, previous }: Authorities, now: number): AuthorityStep | undefined {
  if (isValid(next, now)) return undefined
  if (current !== undefined && !isDue(current, now)) return undefined
  return previous.length > 0 || isValid(current, now)
    ? { do: 'make', as: 'next', beside: { current, next: undefined, previous } }
    : { do: 'make', as: 'current', beside: { current: undefined, next: undefined, previous: [] } }
}

function isValid(authority: Authority | undefined, now: number): boolean {
  return authority !== undefined && now < authority.expiresAt
}

/** Whether an authority has less than a third of its life left. */
function isDue({ startsAt, expiresAt }: Authority, now: number): boolean {
  return now >= startsAt + ((expiresAt - startsAt) * 2) / 3
}

function publishedStep(
  {
    authorities,
    bundles,
    publishedFor,
    now,
  }: Omit<AuthoritySituation, 'stored'> & { readonly authorities: Authorities },
  timing: AuthorityTiming,
): AuthorityStep {
  const { current, next, previous } = authorities
  const strangers = strangersIn(bundles, { authorities, now }).map(certificate => ({
    certificate,
    until: endOfLeaves(now, timing),
  }))
  if (strangers.length > 0)
    return {
      do: 'store',
      authorities: { ...authorities, previous: [...previous, ...strangers] },
      why: 'adopted',
    }
  const bundle = bundleOf(authorities, now)
  if (bundles.some(one => one !== bundle)) return { do: 'publish', bundle }
  // Only now: until it has left the bundles it would be a stranger there.
  const kept = previous.filter(({ until }) => now < until)
  if (kept.length < previous.length)
    return { do: 'store', authorities: { ...authorities, previous: kept }, why: 'retired' }
  if (next === undefined) return { do: 'none' }
  const left = timing.propagation - (publishedFor ?? 0)
  if (left > 0) return { do: 'wait', milliseconds: left }
  const replaced = current === undefined ? [] : [replacedBy(current, now, timing)]
  const promoted = { current: next, next: undefined, previous: [...previous, ...replaced] }
  return { do: 'store', authorities: promoted, why: 'promoted' }
}

/**
 * The authorities that Patchline made and that this Secret does not know: those of `patchline certs --patch`, when the source of the
 * certificates changes, or those of a Secret that was restored from an older copy. Replicas may serve by them.
 */
function strangersIn(
  bundles: readonly string[],
  { authorities, now }: { readonly authorities: Authorities; readonly now: number },
): readonly string[] {
  const { current, next, previous } = authorities
  const known = new Set([current, next, ...previous].map(one => one?.certificate))
  const found = bundles.flatMap(authoritiesIn).filter(one => one.isOurs && now < one.expiresAt)
  return [...new Set(found.map(({ certificate }) => certificate))]
    .filter(certificate => !known.has(certificate))
    .slice(0, mostAdopted)
}

function replacedBy({ certificate }: Authority, now: number, timing: AuthorityTiming): PreviousAuthority {
  return { certificate, until: endOfLeaves(now, timing) }
}

/** When the last certificate that was signed until now has ended, also by a clock that runs behind. */
function endOfLeaves(now: number, { leaf, backdating }: AuthorityTiming): number {
  return now + leaf + backdating
}

/** The bundle (PEM) that trusts these at `now`: without what has expired, and without what signed nothing that is still valid. */
export function bundleOf({ current, next, previous }: Authorities, now: number): string {
  const trustedStill = previous.filter(({ until }) => now < until)
  const certificates = [current, next, ...trustedStill].flatMap(one =>
    one === undefined ? [] : (trusted(one.certificate) ?? []),
  )
  const valid = certificates.filter(({ expiresAt }) => now < expiresAt)
  return [...new Set(valid.map(({ certificate }) => certificate))].join('')
}

/** The authority that may sign at `now`; undefined where none may. */
export function signingAuthority(stored: StoredAuthorities, now: number): Authority | undefined {
  if (stored.kind !== 'usable') return undefined
  const { current } = stored.authorities
  return current !== undefined && current.startsAt <= now && now < current.expiresAt ? current : undefined
}

const iso = (instant: number): string => new Date(instant).toISOString()
