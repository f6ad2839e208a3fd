import { advice } from '../response/advice.ts'
import { invalidResponse, RegistryError } from '../response/registry-error.ts'
import { checkStatus, errorCodesOf, type RegistryResponse } from '../response/response.ts'
import type { Refusals } from './credential-attempts.ts'

/**
 * Lets a response of a registry pass whose status is one of those.
 * @throws RegistryError that says what another status means.
 */
export function checkRegistryStatus(response: RegistryResponse, ...allowed: readonly number[]): void {
  if (!allowed.includes(response.status))
    checkStatus(response, 'the registry', message => statusError(response, message))
}

function statusError(response: RegistryResponse, message: string): RegistryError {
  if (isRefusal(response))
    return refusalError({ identities: [], reason: refusalOf(response), byTokenServer: false })
  return response.status === 404 || errorCodesOf(response).includes('NAME_UNKNOWN')
    ? new RegistryError('not-found', 'the registry has no such repository', { next: 'check its name' })
    : invalidResponse(`${message}${codesText(response)}`)
}

/** Whether a response refuses the credentials, or the lack of them. */
export function isRefusal({ status }: RegistryResponse): boolean {
  return status === 401 || status === 403
}

/** The reason of a refusal, for messages. */
export function refusalOf(response: RegistryResponse): string {
  return `the registry answered ${response.status}${codesText(response)}`
}

/** The error of a registry that accepts none of the identities: which ones it refused, and what to do. */
export function refusalError({ identities, reason, byTokenServer }: Refusals): RegistryError {
  const shown = identities.filter(({ credentials }) => credentials !== undefined)
  if (reason === '')
    return new RegistryError('unauthorized', 'the registry wants a name and a password', {
      next: advice`${'give-credentials'}`,
    })
  if (shown.length > 0) {
    const alone = identities.length === shown.length ? '' : ' and without credentials'
    const next = shown.some(({ given }) => given !== undefined)
      ? 'check that they hold and may pull this repository'
      : 'check the credentials and that they may pull this repository'
    const told = (labels: readonly string[]): string => `${reason} to ${listed(labels)}${alone}`
    const forOthers = told([...new Set(shown.map(labelForOthers))])
    return new RegistryError('unauthorized', told(shown.map(({ label }) => label)), { next, forOthers })
  }
  return byTokenServer
    ? new RegistryError('unauthorized', reason, {
        next: advice`${'check-credentials'}, and the name of the repository`,
      })
    : new RegistryError('unauthorized', `${reason}: the repository does not exist or is private`, {
        next: advice`check its name, or ${'give-credentials'}`,
      })
}

function labelForOthers({ given, label }: Refusals['identities'][number]): string {
  return given === undefined || given.configured === true ? label : 'the pull secrets of its namespace'
}

// A message stays readable however many secrets a pod names.
const mostLabels = 3

function listed(labels: readonly string[]): string {
  const more = labels.length - mostLabels
  const named = labels.slice(0, mostLabels).join(', ')
  return more > 0 ? `${named} and ${more} more` : named
}

function codesText(response: RegistryResponse): string {
  const [first] = errorCodesOf(response)
  return first === undefined ? '' : ` ${first}`
}
