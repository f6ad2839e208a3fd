import type { Reference } from '../../image/index.ts'
import { matchesAny } from '../match/subject.ts'
import type { PatchException } from '../object/patch-exception.ts'
import type { PatchPolicy } from '../object/patch-policy.ts'
import { orderPolicies, type PolicySource } from './image-rules.ts'

/** The policies and exceptions that a configuration file has. */
export interface FilePolicies {
  readonly policies: readonly PatchPolicy[]
  readonly exceptions: readonly PatchException[]
}

/** The policies and exceptions of a cluster, with those of a file among them. */
export function withFilePolicies(source: PolicySource, file: FilePolicies): PolicySource {
  if (file.policies.length + file.exceptions.length === 0) return source
  const own = Map.groupBy(file.exceptions, ({ namespace }) => namespace)
  let last: { readonly of: readonly PatchPolicy[]; readonly all: readonly PatchPolicy[] } | undefined
  return {
    ...source,
    policies() {
      const of = source.policies()
      // Asked for with each review, and changed seldom.
      if (last?.of !== of) last = { of, all: orderPolicies([...file.policies, ...of]) }
      return last.all
    },
    exceptionsIn(namespace) {
      const [ofFile, ofCluster] = [own.get(namespace) ?? [], source.exceptionsIn(namespace)]
      return ofFile.length === 0 ? ofCluster : [...ofFile, ...ofCluster]
    },
  }
}

/** The first policy, in order, that matches a reference of which nothing else is known: those that ask for more do not count. */
export function policyForImage(
  policies: readonly PatchPolicy[],
  reference: Reference,
): PatchPolicy | undefined {
  return orderPolicies(policies).find(({ match: { namespaces, objects, kinds, images } }) => {
    const isOfImageAlone = namespaces === undefined && objects === undefined && kinds === undefined
    return isOfImageAlone && (images === undefined || matchesAny(images, reference))
  })
}
