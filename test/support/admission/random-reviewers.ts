import { createReviewer, type ListedWorkload, type Reviewer } from '../../../src/admission/index.ts'
import { modes, orderPolicies } from '../../../src/policy/index.ts'
import { catalogOf, knownTags, timeLimitOf } from '../../admission/situations.ts'
import { exceptionOf, policyOf } from '../../policy/decision/policies.ts'
import type { Random } from '../random/seeded.ts'

/** Reviewers in each mode, with a label or with policies and exceptions, on fresh and on stale tags. */
export function reviewersToPick(): (random: Random) => Reviewer {
  const made = modes.flatMap(mode =>
    [false, true].flatMap(hasPolicies =>
      [false, true].map(stale =>
        createReviewer({
          catalog: catalogOf(knownTags, { stale }),
          timeLimit: timeLimitOf(),
          now: () => 0,
          namespaces: { labelsOf: () => (hasPolicies ? {} : { 'patchline.dev/mode': mode }) },
          settings: { defaults: { mode, strategy: 'patch' }, ownNamespace: 'patchline', controllers: [] },
          running: { imagesIn: async () => ['busybox:1.36.0'] },
          workloads: { list: async () => ({ workloads: running, isCut: false }) },
          policies: {
            policies: () => (hasPolicies ? policies : []),
            exceptionsIn: () => (hasPolicies ? [exceptionOf('busy', { images: ['busybox'] })] : []),
            now: () => 0,
          },
        }),
      ),
    ),
  )
  return random => random.pick(made)
}

// What a preview counts.
const running: readonly ListedWorkload[] = ['web', 'long'.repeat(60)].map(name => ({
  name,
  namespace: 'shop',
  group: 'apps',
  kind: 'Deployment',
  labels: {},
  annotations: {},
  images: ['nginx:1.25.1', 'busybox:1.36.0'].map(image => ({ container: image, field: 'container', image })),
  access: { serviceAccount: 'default', pullSecrets: [] },
}))

const policies = orderPolicies([
  policyOf('strict', {
    mode: 'enforce',
    match: { images: ['nginx'] },
    breakGlass: {},
    exceptions: { namespaceSelector: {} },
  }),
  policyOf('wide', { strategy: 'minor', others: { unknown: 'warn' }, grace: { period: '2d' } }),
])
