import { asksForInjection, type WorkloadKinds } from '../workload/index.ts'
import type { AdmissionRequest } from './review.ts'
import type { JudgedImage } from './say.ts'

/** What is told to people besides outdated images, though most of them cannot change it. */
export interface WarningChoices {
  /** That the configuration lists no such registry. */
  readonly unlistedRegistries: boolean
  /** That a tag floats. */
  readonly floatingTags: boolean
}

/** What holds where the configuration says nothing. */
export const usualWarnings: WarningChoices = { unlistedRegistries: false, floatingTags: true }

/** The rule by which a verdict other than `outdated` is told to the person who applies a request's object. */
export function worthWarningIn(
  { resource, object }: AdmissionRequest,
  { unlistedRegistries, floatingTags }: WarningChoices,
  kinds: WorkloadKinds,
): (judged: JudgedImage) => boolean {
  const kind = kinds.of(resource)
  return ({ image, evaluation: { verdict, reason } }) => {
    if (reason === 'not-allowed') return unlistedRegistries
    if (verdict !== 'floating') return true
    if (!floatingTags) return false
    // Istio's gateways have the image `auto`: the injector writes another one there, and takes a version for that of a user.
    return !(isBareWord(image) && kind !== undefined && asksForInjection(kind, object))
  }
}

/** Whether an image is a name alone: no registry, no path, neither tag nor digest. */
function isBareWord(image: string): boolean {
  return !/[/:@]/.test(image)
}
