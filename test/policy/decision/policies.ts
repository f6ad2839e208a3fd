import { parseReference } from '../../../src/image/index.ts'
import {
  isProblems,
  orderPolicies,
  readException,
  readPolicy,
  type Finding,
  type PatchException,
  type PatchPolicy,
  type PolicyBook,
  type Subject,
  type SubjectImage,
} from '../../../src/policy/index.ts'

export const day = 86_400_000

/** An outdated image, of which it is not known since when. */
export const outdated: Finding = {
  verdict: 'outdated',
  reason: 'newer',
  newest: '1.25.5',
  firstSeenNewer: undefined,
  stale: false,
  unproven: false,
}

/** A policy of that spec. */
export function policyOf(name: string, spec: object = {}): PatchPolicy {
  const policy = readPolicy({ metadata: { name }, spec })
  if (isProblems(policy)) throw new Error(JSON.stringify(policy))
  return policy
}

/** An exception in the namespace `shop` for nginx, made at 0, for ten days, but for the differences. */
export function exceptionOf(name: string, spec: object = {}): PatchException {
  const metadata = { name, namespace: 'shop', creationTimestamp: '1970-01-01T00:00:00Z' }
  const usual = { images: ['nginx'], until: '1970-01-11T00:00:00Z', reason: 'r', owner: 'o' }
  const exception = readException({ metadata, spec: { ...usual, ...spec } }, 0)
  if (isProblems(exception)) throw new Error(JSON.stringify(exception))
  return exception
}

/** The Deployment `web` in the namespace `shop`, but for the differences. */
export function subjectOf(differences: Partial<Subject> = {}): Subject {
  return {
    namespace: 'shop',
    namespaceLabels: { env: 'prod' },
    group: 'apps',
    kind: 'Deployment',
    labels: { app: 'web' },
    annotations: {},
    ...differences,
  }
}

/** An image of the container `web`. */
export function imageOf(text = 'nginx:1.25.1', container = 'web'): SubjectImage {
  return { container, reference: parseReference(text) }
}

/** What decides: the defaults `warn` and `patch`, and these. */
export function bookWith(
  policies: readonly PatchPolicy[] = [],
  exceptions: readonly PatchException[] = [],
): PolicyBook {
  return {
    defaults: { mode: 'warn', strategy: 'patch' },
    ownNamespace: 'patchline-system',
    policies: orderPolicies(policies),
    exceptionsIn: namespace => exceptions.filter(one => one.namespace === namespace),
  }
}
