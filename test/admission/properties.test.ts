import * as fc from 'fast-check'
import t from 'tap'
import { createReviewer, type AdmissionRequest } from '../../src/admission/index.ts'
import { modes, type Mode } from '../../src/policy/index.ts'
import { hostileJson, workloads } from '../workload/workloads.ts'
import { operationsOf, patched } from './json-patch.ts'
import { catalogOf, controller, knownTags, node, timeLimitOf, person, requestOf } from './situations.ts'

const settings = {
  defaults: { mode: 'warn', strategy: 'patch' },
  ownNamespace: 'patchline',
  controllers: [],
} as const
const catalog = catalogOf(knownTags, { age: 200_000_000, stale: true })

function reviewerIn(mode: Mode) {
  const namespaces = { labelsOf: () => ({ 'patchline.dev/mode': mode }) }
  return createReviewer({ catalog, timeLimit: timeLimitOf(), now: () => 0, namespaces, settings })
}

// Every UTF-16 unit, halves of surrogate pairs too.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map(unit => String.fromCharCode(unit)),
    maxLength: 300,
  }),
)
const path = fc.array(fc.stringMatching(/^[a-z0-9]{1,30}$/), { minLength: 1, maxLength: 6 })
const imageText = fc.oneof(
  fc.constantFrom('nginx:1.25.1', 'nginx:1.25', 'nginx', 'busybox:1.36.0', 'ghcr.io/org/side:v1.2.3'),
  fc
    .tuple(path, fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/))
    .map(([parts, tag]) => `${parts.join('/')}:${tag}`),
  anyText,
)
const podSpec = fc.record({
  containers: fc.array(fc.record({ name: anyText, image: imageText }), { maxLength: 15 }),
  initContainers: fc.array(
    fc.record({ name: fc.constantFrom('web', 'omitted', '__proto__'), image: imageText }),
    { maxLength: 3 },
  ),
  volumes: fc.array(
    fc.record({ name: fc.constantFrom('web', 'data'), image: fc.record({ reference: imageText }) }),
    { maxLength: 3 },
  ),
})
const annotations = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.dictionary(
    fc.constantFrom(
      'a',
      '__proto__',
      'patchline.dev/images',
      'patchline.dev/status',
      'patchline.dev/strategy',
    ),
    fc.oneof(fc.string(), fc.json(), fc.constantFrom('minor', 'rebuild')),
  ),
)
const request: fc.Arbitrary<AdmissionRequest> = fc
  .record({
    workload: fc.constantFrom(...workloads),
    operation: fc.constantFrom('CREATE', 'UPDATE'),
    user: fc.constantFrom(person, person, controller, node),
    spec: podSpec,
    oldSpec: podSpec,
    annotations,
  })
  .map(({ workload, operation, user, spec, oldSpec, annotations }) =>
    requestOf({
      resource: workload.resource,
      operation,
      user,
      object: workload.object(spec, { name: 'web', ...(annotations !== undefined && { annotations }) }),
      oldObject: operation === 'CREATE' ? null : workload.object(oldSpec),
    }),
  )
const mode = fc.constantFrom(...modes)

t.test('no object makes a review fail', async () => {
  const place = fc.constantFrom('object', 'spec', 'metadata')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...workloads),
      place,
      fc.tuple(hostileJson, hostileJson),
      async (workload, place, both) => {
        const [object, oldObject] = both.map(
          value =>
            ({
              object: value,
              spec: workload.object(value),
              metadata: workload.object({ containers: [{ name: 'web', image: 'nginx:1.25.1' }] }, value),
            })[place],
        )
        for (const operation of ['CREATE', 'UPDATE']) {
          const hostile = requestOf({ resource: workload.resource, operation, object, oldObject })
          for (const endpoint of ['validate', 'mutate'] as const)
            if ((await reviewerIn('enforce')[endpoint](hostile, 800)).response.uid !== 'uid-1') return false
        }
        return true
      },
    ),
    { numRuns: 300 },
  )
})

t.test('every text obeys the API server', async () => {
  const hostile = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/u
  await fc.assert(
    fc.asyncProperty(request, mode, async (request, mode) => {
      const { response } = await reviewerIn(mode).validate(request, 800)
      const warnings = response.warnings ?? []
      if (warnings.length > 11 || new Set(warnings).size !== warnings.length) return false
      const others = [response.status?.message ?? '', ...Object.values(response.auditAnnotations ?? {})]
      return (
        warnings.every(text => text.length <= 120 && text.startsWith('patchline: ')) &&
        [...warnings, ...others].every(
          text => text.isWellFormed() && !hostile.test(text) && text.length < 4096,
        )
      )
    }),
    { numRuns: 400 },
  )
})

t.test('every patch applies, touches two annotations and has nothing to add to itself', async () => {
  let patches = 0
  await fc.assert(
    fc.asyncProperty(request, async request => {
      const reviewer = reviewerIn('audit')
      const { response } = await reviewer.mutate(request, 800)
      if (response.patch === undefined) return response.patchType === undefined
      patches++
      for (const { path } of operationsOf(response.patch)) if (!allowedPaths.has(path)) return false
      const object = patched(request.object, response.patch)
      const again = await reviewer.mutate({ ...request, object }, 800)
      const undone = JSON.stringify(withoutOurs(object)) === JSON.stringify(withoutOurs(request.object))
      return response.patchType === 'JSONPatch' && again.response.patch === undefined && undone
    }),
    { numRuns: 400 },
  )
  t.ok(patches > 100, `${patches} patches`)
})

t.test('the order of containers changes no facts', async () => {
  const distinct = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,5}$/), image: imageText }), {
    selector: ({ name }) => name,
    minLength: 1,
  })
  await fc.assert(
    fc.asyncProperty(distinct, async containers => {
      const [one, other] = await Promise.all(
        [containers, containers.toReversed()].map(async list => {
          const object = { metadata: {}, spec: { template: { spec: { containers: list } } } }
          return (await reviewerIn('warn').mutate(requestOf({ object }), 800)).response.patch
        }),
      )
      return one === other
    }),
    { numRuns: 100 },
  )
})

const allowedPaths = new Set([
  '/metadata/annotations',
  '/metadata/annotations/patchline.dev~1status',
  '/metadata/annotations/patchline.dev~1images',
])

/** The object without the two annotations, and without what only they were in. */
function withoutOurs(object: unknown): unknown {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => {
    if (key === 'patchline.dev/status' || key === 'patchline.dev/images') return undefined
    const empty = value === null || (typeof value === 'object' && Object.keys(value).length === 0)
    return key === 'annotations' && empty ? undefined : value
  })
}
