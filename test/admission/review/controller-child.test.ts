import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { builtInPairs } from '../../../src/admission/review/controller-child.ts'
import { scopeOf } from '../../../src/admission/review/review-scope.ts'
import { createWorkloadKinds } from '../../../src/workload/index.ts'
import { workloads, type Workload } from '../../workload/workloads.ts'
import { containers, requestOf } from '../situations.ts'

const kinds = createWorkloadKinds([])
const operations = ['CREATE', 'UPDATE'] as const
const ownerKinds = ['none', 'not its controller', 'custom', 'namesake', ...builtIn()] as const
const accounts = builtInPairs.map(({ account }) => account)
const userNames = [
  'person',
  'node',
  'flux',
  'system:serviceaccount:operators:cnpg',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
  ...accounts.map(account => `system:serviceaccount:kube-system:${account}`),
]

interface Case {
  readonly operation: (typeof operations)[number]
  readonly workload: Workload
  readonly owner: (typeof ownerKinds)[number]
  readonly user: string
}

type Outcome = 'judged' | 'spared' | 'not judged'

/** The rule once more, in other words: who may bring anything in, as which row and column of the table has it. */
function expected({ operation, workload, owner, user }: Case): Outcome {
  const makers: Readonly<Record<string, readonly (readonly [owner: string, account: string])[]>> = {
    ReplicaSet: [['apps/v1 Deployment', 'deployment-controller']],
    Job: [['batch/v1 CronJob', 'cronjob-controller']],
    Pod: [
      ['apps/v1 ReplicaSet', 'replicaset-controller'],
      ['apps/v1 StatefulSet', 'statefulset-controller'],
      ['apps/v1 DaemonSet', 'daemon-set-controller'],
      ['batch/v1 Job', 'job-controller'],
      ['v1 ReplicationController', 'replication-controller'],
    ],
  }
  const maker = makers[workload.kind.kind]?.find(([kind]) => kind === owner)
  const manager = user === 'system:kube-controller-manager'
  if (maker !== undefined && (manager || user.endsWith(`:kube-system:${maker[1]}`))) return 'not judged'
  if (operation === 'UPDATE' || ['none', 'not its controller'].includes(owner)) return 'judged'
  return manager || user.startsWith('system:serviceaccount:') || user === 'flux' ? 'spared' : 'judged'
}

const cases: readonly Case[] = operations.flatMap(operation =>
  workloads
    .filter(({ resource }) => operation === 'UPDATE' || resource.subresource === '')
    .flatMap(workload =>
      ownerKinds.flatMap(owner => userNames.map(user => ({ operation, workload, owner, user }))),
    ),
)

t.test('every operation, kind, owner and user', async t => {
  t.equal(ownerKinds.length, 11)
  t.equal(userNames.length, 13)
  t.equal(cases.length, (9 + 10) * 11 * 13)
  const wrong = cases.filter(one => outcomeOf(one) !== expected(one))
  t.strictSame(
    wrong.map(one => ({ ...one, workload: one.workload.name, actual: outcomeOf(one) })),
    [],
  )
})

t.test('what is spared is judged in haste, and nothing is both', async t => {
  for (const one of cases) {
    const scope = scopeOf(requestFor(one), kinds, ['flux'])
    const [image] = scope?.images ?? []
    t.notOk(image?.refusable && image.spared)
    t.equal(scope?.hasty, image?.spared)
  }
})

t.test('the documentation has the same table', async t => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/enforcement.md'), 'utf8')
  const [, table] = /<!-- matrix -->\n([^]*?)<!-- end -->/.exec(text) ?? []
  t.equal(table, operations.map(tableOf).join('\n'))
})

const columns = [
  'a person, a node',
  'a user of `controllers`',
  'another service account',
  'the account of rule 1',
] as const
const rows = [
  'no owner',
  'an owner, not `controller: true`',
  'a controller owner of any other kind',
  'the controller owner of rule 1',
] as const

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`
}

function tableOf(operation: Case['operation']): string {
  const own = cases.filter(one => one.operation === operation)
  return [
    line([`\`${operation}\` of an object with`, ...columns]),
    line(['', ...columns].map(() => '---')),
    ...rows.map(row => {
      const inRow = own.filter(one => rowOf(one) === row)
      return line([row, ...columns.map(column => cellOf(inRow.filter(one => columnOf(one) === column)))])
    }),
  ].join('')
}

function rowOf({ owner, workload }: Case): (typeof rows)[number] {
  if (owner === 'none') return 'no owner'
  if (owner === 'not its controller') return 'an owner, not `controller: true`'
  return pairOf(owner, workload) === undefined
    ? 'a controller owner of any other kind'
    : 'the controller owner of rule 1'
}

function columnOf({ user, owner, workload }: Case): (typeof columns)[number] {
  if (['person', 'node'].includes(user)) return 'a person, a node'
  if (user === 'flux') return 'a user of `controllers`'
  const pair = pairOf(owner, workload)
  // The account of all controllers is each maker's; where there is no maker, it is one of those that may make children.
  const isMaker = user === 'system:kube-controller-manager' || user.endsWith(`:${pair?.account}`)
  return isMaker && pair !== undefined ? 'the account of rule 1' : 'another service account'
}

function cellOf(inCell: readonly Case[]): string {
  const outcomes = [...new Set(inCell.map(outcomeOf))]
  if (outcomes.length > 1) throw new Error(`a cell with ${outcomes.join()}`)
  return outcomes[0] ?? '–'
}

function pairOf(owner: string, { kind }: Workload) {
  return builtInPairs.find(pair => pair.child.kind === kind.kind && owner.endsWith(` ${pair.owner.kind}`))
}

function outcomeOf(one: Case): Outcome {
  const [image] = scopeOf(requestFor(one), kinds, ['flux'])?.images ?? []
  if (image?.refusable) return 'judged'
  return image?.spared ? 'spared' : 'not judged'
}

function requestFor({ operation, workload, owner, user }: Case) {
  const reference = { name: 'web', uid: 'u', controller: owner !== 'not its controller' }
  const [apiVersion, kind] = kindOf(owner).split(' ')
  const metadata = owner === 'none' ? {} : { ownerReferences: [{ ...reference, apiVersion, kind }] }
  return requestOf({
    operation,
    resource: workload.resource,
    user: { name: user, groups: user === 'node' ? ['system:nodes'] : [] },
    object: workload.object(containers('nginx:1.25.1'), metadata),
    oldObject: operation === 'CREATE' ? null : workload.object(containers('nginx:1.25.5'), metadata),
  })
}

function kindOf(owner: string): string {
  switch (owner) {
    case 'not its controller':
      return 'apps/v1 ReplicaSet'
    case 'custom':
      return 'argoproj.io/v1alpha1 Rollout'
    case 'namesake':
      return 'example.com/v1 ReplicaSet'
    default:
      return owner
  }
}

function builtIn(): readonly string[] {
  return builtInPairs.map(({ owner }) =>
    owner.group === '' ? `v1 ${owner.kind}` : `${owner.group}/v1 ${owner.kind}`,
  )
}
