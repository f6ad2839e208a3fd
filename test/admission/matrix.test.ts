import t from 'tap'
import { createReviewer, type AdmissionRequest } from '../../src/admission/index.ts'
import { modes, type Mode } from '../../src/policy/index.ts'
import { workloads, type Workload } from '../workload/workloads.ts'
import { catalogOf, controller, knownTags, node, timeLimitOf, person, requestOf } from './situations.ts'

const fields = ['containers', 'initContainers', 'ephemeralContainers', 'volumes'] as const
const changes = ['created', 'brought in', 'restarted', 'labelled'] as const
const owners = ['nobody', 'ReplicaSet', 'Rollout'] as const
const userNames = ['person', 'controller', 'kubelet'] as const
const users = { person, controller, kubelet: node } as const

const settings = {
  defaults: { mode: 'warn', strategy: 'patch' },
  ownNamespace: 'patchline',
  controllers: [],
} as const

const catalog = catalogOf(knownTags)

interface Case {
  readonly workload: Workload
  readonly field: (typeof fields)[number]
  readonly change: (typeof changes)[number]
  readonly owner: (typeof owners)[number]
  readonly user: (typeof userNames)[number]
  readonly mode: Mode
}

/** The rules once more, as briefly as they can be said; the kubelet's objects all say that they are mirrors. */
function expected(one: Case): { allowed: boolean; warned: boolean; patched: boolean } {
  const { workload, mode } = one
  const refused = mode === 'enforce' && isNew(one) && !heals(one) && !isChild(one)
  const told = somebodyToTell(one)
  return {
    allowed: !refused,
    warned: ['warn', 'enforce'].includes(mode) && told && runs(one) && !refused,
    patched: mode !== 'off' && told && !isMirror(one) && workload.name !== 'pods/ephemeralcontainers',
  }
}

function isNew({ change }: Case): boolean {
  return change === 'created' || change === 'brought in'
}

function runs(one: Case): boolean {
  return isNew(one) || (one.change === 'restarted' && one.workload.kind.kind !== 'Pod')
}

/** The replica set controller's own pods, and those that a node has anyway. */
function heals(one: Case): boolean {
  const { workload, owner, user } = one
  return isMirror(one) || (workload.kind.kind === 'Pod' && owner === 'ReplicaSet' && user === 'controller')
}

function isChild({ workload, change, owner, user }: Case): boolean {
  const created = change === 'created' && workload.resource.subresource === ''
  return created && owner !== 'nobody' && user === 'controller'
}

function isMirror({ workload, user }: Case): boolean {
  return workload.kind.kind === 'Pod' && user === 'kubelet'
}

function somebodyToTell({ owner, user }: Case): boolean {
  return owner !== 'ReplicaSet' && user !== 'controller'
}

t.test('every kind, field, change, owner, user and mode', async t => {
  const all = cases()
  t.equal(all.length, 10 * 4 * 4 * 3 * 3 * 4)
  const outcomes = await Promise.all(all.map(async one => ({ one, actual: await actualOf(one) })))
  const wrong = outcomes.filter(({ one, actual }) => JSON.stringify(actual) !== JSON.stringify(expected(one)))
  t.strictSame(
    wrong.map(({ one, actual }) => ({
      ...one,
      workload: one.workload.name,
      actual,
      expected: expected(one),
    })),
    [],
  )
})

async function actualOf(one: Case): Promise<ReturnType<typeof expected>> {
  const namespaces = { labelsOf: () => ({ 'patchline.dev/mode': one.mode }) }
  const reviewer = createReviewer({ catalog, timeLimit: timeLimitOf(), now: () => 0, settings, namespaces })
  const { response: validated } = await reviewer.validate(requestFor(one), 800)
  const { response: mutated } = await reviewer.mutate(requestFor(one), 800)
  return {
    allowed: validated.allowed && mutated.allowed,
    warned: validated.warnings !== undefined,
    patched: mutated.patch !== undefined,
  }
}

function cases(): readonly Case[] {
  const objects = workloads.flatMap(workload => fields.map(field => ({ workload, field })))
  const requests = changes.flatMap(change => owners.map(owner => ({ change, owner })))
  const policies = userNames.flatMap(user => modes.map(mode => ({ user, mode })))
  return objects.flatMap(one =>
    requests.flatMap(two => policies.map(three => ({ ...one, ...two, ...three }))),
  )
}

function requestFor({ workload, field, change, owner, user }: Case): AdmissionRequest {
  const metadata = {
    ...(owner !== 'nobody' && {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, controller: true }],
    }),
    ...(user === 'kubelet' && { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
  }
  const spec = (image: string) => ({
    [field]: [field === 'volumes' ? { name: 'a', image: { reference: image } } : { name: 'a', image }],
  })
  const now = spec('nginx:1.25.1')
  const before = {
    created: undefined,
    'brought in': spec('nginx:1.25.5'),
    restarted: { ...now, terminationGracePeriodSeconds: 5 },
    labelled: now,
  }[change]
  return requestOf({
    resource: workload.resource,
    user: users[user],
    object: workload.object(now, { ...metadata, labels: { a: 'b' } }),
    operation: before === undefined ? 'CREATE' : 'UPDATE',
    oldObject: before === undefined ? null : workload.object(before, metadata),
  })
}
