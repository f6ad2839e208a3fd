import { errorCodesOf, type Answer } from './answer.ts'
import { invalidAnswer, RegistryFault } from './fault.ts'
import type { Registry } from './registry.ts'

/**
 * Lets an answer with status 200 pass.
 * @throws RegistryFault that says what another status means.
 */
export function checkStatus(answer: Answer, registry: Registry): void {
  const { status } = answer
  if (status === 200) return
  if (status === 401 || status === 403) throw unauthorized(answer, registry)
  if (status >= 500 || status === 408)
    throw new RegistryFault('unavailable', `the registry answered ${status}`, {
      next: 'it is asked again later',
    })
  if (status === 404 || errorCodesOf(answer).includes('NAME_UNKNOWN'))
    throw new RegistryFault('not-found', 'the registry has no such repository', { next: 'check its name' })
  throw invalidAnswer(`the registry answered ${status}${codesText(answer)}`)
}

function unauthorized(answer: Answer, { credentials }: Registry): RegistryFault {
  const refused = `the registry answered ${answer.status}${codesText(answer)}`
  if (credentials === undefined)
    return new RegistryFault('unauthorized', `${refused}: the repository does not exist or is private`, {
      next: 'check its name, or give credentials under registries',
    })
  return new RegistryFault('unauthorized', `${refused} to the configured credentials`, {
    next: 'check the credentials and that they may pull this repository',
  })
}

function codesText(answer: Answer): string {
  const [first] = errorCodesOf(answer)
  return first === undefined ? '' : ` ${first}`
}
