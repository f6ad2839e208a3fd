import type { Access, AccessSource, Patience } from '../evaluation/index.ts'
import { podAccessOf, type WorkloadKinds } from '../workload/index.ts'
import type { AdmissionRequest } from './review.ts'

export interface AccessSources {
  /** Without it, everybody knows what can be had without credentials of a workload. */
  readonly access?: AccessSource
  readonly patience: Patience
  readonly kinds: WorkloadKinds
}

/** What a request's object may know of registries, and what is left of the budget (milliseconds). */
export interface AccessFor {
  readonly access: Access | undefined
  /** It was not there in time: what needs credentials is not known yet. */
  readonly late: boolean
  readonly left: number
}

/** At once where the secrets are in memory. Else they may take half of the budget; the object is judged without them then. */
export function accessFor(
  request: AdmissionRequest,
  budget: number,
  { access, patience, kinds }: AccessSources,
): AccessFor | Promise<AccessFor> {
  const kind = kinds.of(request.resource)
  if (access === undefined || kind === undefined) return { access: undefined, late: false, left: budget }
  const { serviceAccount, pullSecrets } = podAccessOf(kind, request.object)
  const asked = access.accessOf({ namespace: request.namespace, serviceAccount, pullSecrets })
  if (!(asked instanceof Promise)) return { access: asked, late: false, left: budget }
  const share = budget / 2
  return patience
    .wait(asked, share)
    .then(own => ({ access: own, late: own === undefined, left: budget - share }))
}
