import t from 'tap'
import { createReviewer, type Reviewed, type Reviewer } from '../../../src/admission/index.ts'
import { modes, noPolicies, type Mode } from '../../../src/policy/index.ts'
import { createChannelRules, createSupportTables } from '../../../src/version/index.ts'
import { policyOf } from '../../policy/decision/policies.ts'
import { catalogOf, knownTags, timeLimitOf } from '../situations.ts'
import { bothOf, type Case } from './matrix-cases.ts'
import { fields, images, pairsOf, resources, type ImageName } from './matrix-objects.ts'
import { shapes } from './odd-shapes.ts'
import { modelOutcome, type ModelOutcome, type ModelRequest } from './reference-model.ts'

// The matrix of all that a request may be, against a reference model: no bypass, and nothing refused that may pass.

const catalog = catalogOf(knownTags)
const fewest = 2_000
const enoughDifferences = 20

type ModeSource = 'label' | 'policy' | 'policy with a release channel'

/** A reviewer for a mode that comes from a label, and without a namespace from the configuration, or from a policy. */
function reviewerIn(mode: Mode, source: ModeSource, running: string | undefined): Reviewer {
  const isLabel = source === 'label'
  const releaseChannel = source === 'policy' ? 'any' : 'even'
  const policy = policyOf('strict', { mode, releaseChannel })
  return createReviewer({
    catalog,
    timeLimit: timeLimitOf(),
    now: () => 0,
    namespaces: { labelsOf: () => (isLabel ? { 'patchline.dev/mode': mode } : {}) },
    settings: {
      defaults: { mode: isLabel ? mode : 'warn', strategy: 'patch' },
      ownNamespace: 'patchline',
      controllers: ['cloud-controller'],
    },
    policies: { ...noPolicies, policies: () => (isLabel ? [] : [policy]) },
    channelRules: createChannelRules(createSupportTables([])),
    running: { imagesIn: async () => (running === undefined ? [] : [running]) },
  })
}

/** The first cases in which webhook and model differ. */
async function differences(cases: readonly Case[], source: ModeSource): Promise<readonly object[]> {
  const reviewers = new Map<string, Reviewer>()
  const found: object[] = []
  for (const one of cases) {
    const { request, model } = bothOf(one)
    const running = one.running && images[one.running].text
    const key = `${one.mode} ${running}`
    const reviewer = reviewers.get(key) ?? reviewerIn(one.mode, source, running)
    reviewers.set(key, reviewer)
    // oxlint-disable-next-line eslint/no-await-in-loop -- all at once would hold tens of thousands of answers
    const actual = outcomeOf(await reviewer.validate(request, 800), await reviewer.mutate(request, 800))
    const expected = modelOutcome(model)
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      found.push({ ...one, workload: one.workload.name, pair: one.pair?.owner.kind, actual, expected })
    if (found.length === enoughDifferences) break
  }
  return found
}

function outcomeOf({ response, event }: Reviewed, { response: mutated }: Reviewed): ModelOutcome {
  const { allowed, warnings = [], status } = response
  const said = [...warnings, status?.message ?? ''].flatMap(text => [...text.matchAll(namedImage)])
  return {
    allowed: allowed && mutated.allowed,
    warned: warnings.length > 0,
    named: [...new Set(said.map(([, image = '']) => image.replaceAll('"', '')))].toSorted(),
    spared: event.decision === 'spared',
    patched: mutated.patch !== undefined,
  }
}

const namedImage = /(\S+) (?:is \d+ versions? behind|is not a reference|floats)/g

const names = Object.keys(images).filter((name): name is ImageName => Object.hasOwn(images, name))
const edits: readonly Pick<Case, 'operation' | 'now' | 'old' | 'change'>[] = [
  { operation: 'CREATE', now: 'old' },
  { operation: 'UPDATE', now: 'old', old: 'newest' },
  { operation: 'UPDATE', now: 'newer', old: 'old' },
  { operation: 'UPDATE', now: 'old', change: 'restart' },
  { operation: 'UPDATE', now: 'old', change: 'label' },
]
const replaced = ['old', 'newer', 'newest', 'elsewhere', 'unparsable', 'empty'] as const

const besides: readonly Pick<Case, 'bystander' | 'mode'>[] = [
  { bystander: 'current', mode: 'warn' },
  { bystander: 'current', mode: 'enforce' },
  { bystander: 'outdated', mode: 'enforce' },
]

/** Each field of each kind, with each image in place of another. */
function imageCases(): readonly Case[] {
  const changes = names.flatMap(now => [
    { operation: 'CREATE' as const, now },
    ...replaced.map(old => ({ operation: 'UPDATE' as const, now, old })),
  ])
  return resources.flatMap(workload =>
    fields.flatMap(field =>
      changes.flatMap(change => besides.map(beside => ({ workload, field, ...change, ...beside }))),
    ),
  )
}

const owners = ['none', 'not a controller', 'custom', 'foreign'] as const
const users = ['person', 'node', 'configured', 'account', 'kube-system', 'rule 1', 'shared'] as const

/** Each kind by each user and with each owner. */
function userCases(): readonly Case[] {
  return resources.flatMap(workload => {
    const owned = [
      ...owners.map(owner => ({ owner, pair: pairsOf(workload)[0] })),
      ...pairsOf(workload).map(pair => ({ owner: 'own' as const, pair })),
    ]
    return owned.flatMap(owner =>
      // What the one account of all controllers has no part in, it does not do.
      users
        .filter(user => user !== 'shared' || owner.owner === 'own')
        .flatMap(user =>
          edits.flatMap(edit =>
            modes.map(mode => ({ workload, field: 'containers' as const, ...owner, user, ...edit, mode })),
          ),
        ),
    )
  })
}

const askers: readonly Pick<Case, 'user' | 'owner' | 'mode'>[] = [
  { user: 'person', owner: 'none', mode: 'warn' },
  { user: 'person', owner: 'none', mode: 'enforce' },
  { user: 'account', owner: 'custom', mode: 'enforce' },
]

/** Each kind in odd shapes; only of pods does it matter whether a node sends them. */
function shapeCases(): readonly Case[] {
  const known = Object.keys(shapes).filter((name): name is keyof typeof shapes => Object.hasOwn(shapes, name))
  return resources.flatMap(workload =>
    known.flatMap(shape =>
      fields.flatMap(field =>
        [...askers, ...(workload.kind.kind === 'Pod' ? nodes : [])].flatMap(asker =>
          edits.map(edit => ({ workload, field, shape, ...asker, ...edit })),
        ),
      ),
    ),
  )
}

const nodes: readonly Pick<Case, 'user' | 'mode'>[] = [{ user: 'node', mode: 'enforce' }]

const subresources = [
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'resize',
  'status',
]
const others = ['', 'scale', 'rollback', 'finalizers', 'ephemeralcontainers', 'of-a-later-kubernetes']
const operations: readonly ModelRequest['operation'][] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** Each resource by each operation, on each subresource, and in each namespace. */
function requestCases(): readonly Case[] {
  const places = [
    ...[...subresources, ...others].map(subresource => ({ subresource })),
    ...['kube-system', 'kube-public', 'kube-node-lease', 'patchline'].map(namespace => ({ namespace })),
  ]
  return resources.flatMap(workload =>
    places.flatMap(place =>
      operations.flatMap(operation =>
        (['person', 'account'] as const).flatMap(user =>
          (['none', 'custom'] as const).flatMap(owner =>
            (['warn', 'enforce'] as const).map(mode => ({
              workload,
              field: 'containers' as const,
              ...place,
              operation,
              now: 'old' as const,
              old: 'newest' as const,
              user,
              owner,
              mode,
            })),
          ),
        ),
      ),
    ),
  )
}

/** Each kind where the namespace runs an image already. */
function copyCases(): readonly Case[] {
  return userCases()
    .filter(({ mode, operation }) => mode === 'enforce' && operation === 'CREATE')
    .flatMap(one => (['old', 'respelled', 'newer'] as const).map(running => ({ ...one, running })))
}

t.test('every kind, field, operation, image, shape and user, as the reference model has it', async t => {
  const cases = [imageCases, userCases, shapeCases, requestCases, copyCases].map(make => make())
  const all = cases.flat()
  t.comment(`${all.length} cases: ${cases.map(({ length }) => length).join(' + ')}`)
  t.ok(all.length >= fewest, `${all.length} cases`)
  t.strictSame(await differences(all, 'label'), [])
})

t.test('the same where a policy says the mode', async t => {
  const all = [...userCases(), ...requestCases(), ...copyCases()]
  t.comment(`${all.length} cases`)
  t.ok(all.length >= fewest, `${all.length} cases`)
  t.strictSame(await differences(all, 'policy'), [])
})

t.test('the same where a policy says a release channel', async t => {
  const cases = [...imageCases(), ...userCases(), ...copyCases()]
  const all = cases.map((one): Case => ({ ...one, releaseChannel: 'even' }))
  t.comment(`${all.length} cases`)
  t.ok(all.length >= fewest, `${all.length} cases`)
  t.strictSame(await differences(all, 'policy with a release channel'), [])
})
