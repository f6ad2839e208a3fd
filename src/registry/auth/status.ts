import { checkStatus, errorCodesOf, type Answer } from '../response/answer.ts'
import { invalidAnswer, RegistryFault } from '../response/fault.ts'
import type { Refusals } from './tries.ts'

/** Which statuses are no fault beside 200. */
export interface Passing {
  readonly unchanged: boolean
  readonly missing: boolean
}

/**
 * Lets a response of a registry with status 200 pass, and what else is meant to.
 * @throws RegistryFault that says what another status means.
 */
export function checkRegistryStatus(answer: Answer, passing: Passing): void {
  if (!isPassing(answer.status, passing))
    checkStatus(answer, 'the registry', message => statusFault(answer, message))
}

function statusFault(answer: Answer, message: string): RegistryFault {
  if (isRefusal(answer))
    return refusalFault({ candidates: [], reason: refusalOf(answer), byTokenServer: false })
  return answer.status === 404 || errorCodesOf(answer).includes('NAME_UNKNOWN')
    ? new RegistryFault('not-found', 'the registry has no such repository', { next: 'check its name' })
    : invalidAnswer(`${message}${codesText(answer)}`)
}

function isPassing(status: number, { unchanged, missing }: Passing): boolean {
  return status === 200 || (status === 304 && unchanged) || (status === 404 && missing)
}

/** Whether an answer is about who asks. */
export function isRefusal({ status }: Answer): boolean {
  return status === 401 || status === 403
}

/** What the registry said. */
export function refusalOf(answer: Answer): string {
  return `the registry answered ${answer.status}${codesText(answer)}`
}

/** The fault of a registry that wants other credentials than there are: whose it refused, and what to do. */
export function refusalFault({ candidates, reason, byTokenServer }: Refusals): RegistryFault {
  const shown = candidates.filter(({ credentials }) => credentials !== undefined)
  if (reason === '')
    return new RegistryFault('unauthorized', 'the registry wants a name and a password', {
      next: 'give credentials under registries',
    })
  if (shown.length > 0) {
    const alone = candidates.length === shown.length ? '' : ' and without credentials'
    const next = shown.some(({ given }) => given !== undefined)
      ? 'check that they hold and may pull this repository'
      : 'check the credentials and that they may pull this repository'
    const told = (labels: readonly string[]): string => `${reason} to ${listed(labels)}${alone}`
    const forOthers = told([...new Set(shown.map(labelForOthers))])
    return new RegistryFault('unauthorized', told(shown.map(({ label }) => label)), { next, forOthers })
  }
  return byTokenServer
    ? new RegistryFault('unauthorized', reason, {
        next: 'check the credentials under registries, and the name of the repository',
      })
    : new RegistryFault('unauthorized', `${reason}: the repository does not exist or is private`, {
        next: 'check its name, or give credentials under registries',
      })
}

function labelForOthers({ given, label }: Refusals['candidates'][number]): string {
  return given === undefined || given.configured === true ? label : 'the pull secrets of its namespace'
}

// A message stays readable however many secrets a pod names.
const mostLabels = 3

function listed(labels: readonly string[]): string {
  const more = labels.length - mostLabels
  const named = labels.slice(0, mostLabels).join(', ')
  return more > 0 ? `${named} and ${more} more` : named
}

function codesText(answer: Answer): string {
  const [first] = errorCodesOf(answer)
  return first === undefined ? '' : ` ${first}`
}
