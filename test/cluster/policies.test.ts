import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../../src/cli/index.ts'
import { startAudit } from '../support/program/local-audit.ts'
import { applyRights, serviceAccountConfig } from './audit-rights.ts'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

// Policies and exceptions as objects of a real cluster: the webhook decides by them, and the audit, with the rights of the
// manifests, writes what came of them.

const stage = await startStage({ secretPath: '0123456789abcdef0123456789abcdef' })
t.teardown(() => stage.close())
const { kubectl: run, cluster } = stage

const apiVersion = 'patchline.dev/v1alpha1'
const day = 86_400_000
// oxlint-disable-next-line eslint/no-restricted-globals -- an end that lies ahead
const inFuture = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString()

const apply = (object: object) => run('apply -f -', JSON.stringify(object))
const policy = (spec: object, name = 'production') => ({
  apiVersion,
  kind: 'PatchPolicy',
  metadata: { name },
  spec,
})
const exception = (namespace: string, name: string, spec: object) => ({
  apiVersion,
  kind: 'PatchException',
  metadata: { namespace, name },
  spec: { until: inFuture(30 * day), reason: 'it is tested', owner: 'team-shop', ...spec },
})
const production = {
  match: { namespaceSelector: { matchLabels: { env: 'production' } }, images: ['docker.io/library/nginx'] },
  mode: 'enforce',
  exceptions: { namespaceSelector: { matchLabels: { exceptions: 'allowed' } } },
}

const deploy = (namespace: string, name: string, image: string) =>
  run(`create deployment ${name} --image=${image} -n ${namespace}`)
const probe = (namespace: string, image: string) =>
  run(`create deployment probe --image=${image} -n ${namespace} --dry-run=server`)
const isRefused = async (namespace: string, image = 'nginx:1.25.1') =>
  (await probe(namespace, image)).code === 1
const statusOf = async (what: string) =>
  JSON.parse((await must(run(`get ${what} -o jsonpath={.status}`))).stdout || '{}')
const logLines = (): readonly string[] => readFileSync(stage.patchline.log, 'utf8').split('\n')

const nameIs = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })

/** `patchline explain` of a person with the rights of an administrator. */
async function explain(...args: readonly string[]) {
  const config = join(t.testdirName, 'explain.yaml')
  writeFileSync(config, `registries: [{ host: docker.io, endpoint: '${stage.registry}', insecure: true }]`)
  let out = ''
  const code = await runCommand(['explain', ...args, '-c', config, '--kubeconfig', cluster.kubeconfig], {
    environment: {},
    out: text => void (out += text),
    err: text => void (out += text),
    readFile: path => readFileSync(path, 'utf8'),
  })
  return { code, out }
}

/** A table of kubectl as its words, without the age. */
async function table(args: string): Promise<readonly string[]> {
  const { stdout } = await must(run(args))
  return stdout
    .trim()
    .split('\n')
    .map(line => line.trim().replaceAll(/ {2,}/g, ' | '))
    .map(line => line.replace(/ \| (?:\d+[smh])+$/, ''))
}

for (const [name, ...labels] of [
  ['prod', 'env=production', 'exceptions=allowed'],
  ['closed', 'env=production'],
  ['dev'],
] as const) {
  await stage.namespace(name)
  for (const label of labels) await must(run(`label namespace ${name} ${label}`))
}
for (const name of ['prod', 'closed']) await must(deploy(name, 'web', 'nginx:1.25.1'))

// Patchline runs already: the definitions come later.
await applyRights(cluster)
const kubeconfig = join(t.testdir(), 'audit.kubeconfig')
writeFileSync(kubeconfig, await serviceAccountConfig(cluster))
const directory = join(t.testdirName, 'audit')
mkdirSync(directory)
const audit = await startAudit({
  directory,
  environment: {},
  configuration: `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${stage.registry}', insecure: true }]
kubernetes: { kubeconfig: ${kubeconfig} }
audit: { intervalMinutes: 0.02 }`,
})
t.teardown(() => audit.kill())

await t.test('a server that started without the definitions finds them', async t => {
  await until('the kinds', async () => (await apply(policy(production))).code === 0)
  await until('the policy', () => isRefused('prod'), 40_000)
  t.strictSame(
    logLines().filter(line => line.includes('not taken')),
    [],
  )
})

await t.test('a policy decides about the namespaces and images that it matches', async t => {
  const refused = await deploy('prod', 'new', 'nginx:1.25.1')
  t.equal(refused.code, 1)
  t.equal(
    refused.stderr,
    'error: failed to create deployment: admission webhook "validate.patchline.dev" denied the request: Deployment new: container nginx: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. Policy production refuses this. To keep it for a time, create a PatchException in namespace "prod", if the policy allows it there.\n',
  )
  const elsewhere = await probe('dev', 'nginx:1.25.1')
  t.equal(elsewhere.code, 0)
  t.equal(
    elsewhere.stderr,
    'Warning: patchline: probe: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)\n',
  )
  const other = await probe('prod', 'busybox:1.36.0')
  t.equal(other.code, 0, 'the configuration decides about other images')
  t.match(other.stderr, 'busybox:1.36.0 is 1 version behind 1.36.1')
})

await t.test('a release channel leaves out what is not in it', async t => {
  const inChannel = { ...production, releaseChannel: 'even' }
  await must(apply(policy(inChannel)))
  await until('the channel', async () => !(await isRefused('prod')))
  const { code, stderr } = await probe('prod', 'nginx:1.25.1')
  t.equal(code, 0)
  t.equal(stderr, '', 'no even line is in 1.25')
  await must(apply(policy(production)))
  await until('the policy as before', () => isRefused('prod'))
})

await t.test('an exception lets its images through until its end, which needs no event', async t => {
  await must(apply(exception('prod', 'long', { images: ['nginx:1.25.3'] })))
  await until('the exception', async () => !(await isRefused('prod', 'nginx:1.25.3')))
  t.equal((await deploy('prod', 'excused', 'nginx:1.25.3')).code, 0)
  t.equal(await isRefused('prod'), true, 'other tags are refused as before')

  const end = inFuture(12_000)
  await must(apply(exception('prod', 'short', { images: ['nginx:1.25.2'], until: end })))
  await until('the short one', async () => !(await isRefused('prod', 'nginx:1.25.2')), 10_000)
  t.equal((await deploy('prod', 'short', 'nginx:1.25.2')).code, 0)
  const asked: { readonly isAfter: boolean; readonly isRefused: boolean }[] = []
  while (Date.now() < Date.parse(end) + 1000) {
    const isAfter = Date.now() >= Date.parse(end)
    asked.push({ isAfter, isRefused: await isRefused('prod', 'nginx:1.25.2') })
  }
  t.ok(asked.some(one => one.isAfter))
  t.strictSame(
    asked.filter(one => one.isAfter && !one.isRefused),
    [],
    'nothing that is asked for after the end is let through',
  )
})

await t.test('a label and a policy are answered with what they would refuse now', async t => {
  const labelled = await must(run('label namespace dev patchline.dev/mode=enforce --dry-run=server'))
  t.equal(labelled.stderr, 'Warning: patchline: namespace dev: none of 0 workloads would be refused now\n')
  await must(deploy('dev', 'web', 'nginx:1.25.1'))
  await must(deploy('dev', 'api', 'nginx:1.25.1'))
  await must(deploy('dev', 'fine', 'nginx:1.25.5'))
  const again = await must(run('label namespace dev patchline.dev/mode=enforce --dry-run=server'))
  t.strictSame(again.stderr.split('\n'), [
    'Warning: patchline: namespace dev: 2 of 3 workloads would be refused now',
    'Warning: patchline: nginx:1.25.1 -> 1.25.5: 2 (dev/api, dev/web)',
    '',
  ])
  const strict = policy({ mode: 'enforce', match: { namespaceSelector: nameIs('dev') } }, 'strict')
  const applied = await must(run('apply --dry-run=server -f -', JSON.stringify(strict)))
  t.match(applied.stderr, 'Warning: patchline: policy strict: 2 of 3 workloads would be refused now\n')
  t.equal((await must(run('label namespace dev other=x'))).stderr, '', 'other labels are not asked about')
})

await t.test('explain says what decides, live', async t => {
  const { code, out } = await explain('-n', 'prod', 'deploy/excused')
  t.equal(code, 0, out)
  t.match(out, /^Deployment prod\/excused, container nginx: nginx:1\.25\.3\n/)
  t.match(out, /PatchPolicy\/production \(priority 0\) +decides\n/)
  t.match(out, /mode +enforce \(PatchPolicy\/production\)\n/)
  t.match(out, /exception long +active, until /)
  t.match(out, /outcome +nothing is done, else refused: exception long until /)
})

await t.test('an exception where the policy allows none changes nothing', async t => {
  await must(run('label namespace closed exceptions=allowed'))
  const wish = exception('closed', 'wish', { images: ['nginx'] })
  // The webhook refuses what could not count; it learns of the label by a watch.
  await until('the label', async () => (await apply(wish)).code === 0)
  await until('the exception', async () => !(await isRefused('closed')))
  await must(run('label namespace closed exceptions-'))
  await until('that it does not count', () => isRefused('closed'))
  const again = await apply({ ...wish, metadata: { ...wish.metadata, name: 'another' } })
  t.match(
    again.stderr,
    'PatchException another: no policy allows exceptions in namespace closed: ask those who write the policies for spec.exceptions',
  )
  await must(apply(exception('prod', 'idle', { images: ['redis'] })))
})

await t.test('the audit writes what came of them', async t => {
  // It was changed twice above.
  const counts = { workloads: 4, outdated: 4, wouldRefuse: 3, exempt: 1, observedGeneration: 3 }
  await until('the counts', async () => (await statusOf('pp production')).workloads === 4)
  await until('all states', async () => (await statusOf('pex idle -n prod')).state !== undefined)
  await until('the end', async () => (await statusOf('pex short -n prod')).state === 'Ended')
  const ready = { type: 'Ready', status: 'True', reason: 'Valid', message: 'it is in force' }
  const status = await statusOf('pp production')
  t.match(status, { ...counts, conditions: [{ ...ready, observedGeneration: 3 }] })
  t.match(status.lastEvaluated, /^\d{4}-\d\d-\d\dT/)
  t.match(await statusOf('pex long -n prod'), {
    state: 'Active',
    workloads: 1,
    wouldRefuse: 1,
    observedGeneration: 1,
    conditions: [ready],
  })
  t.strictSame(await table('get patchpolicies'), [
    'NAME | MODE | STRATEGY | PRIORITY | WORKLOADS | WOULD-REFUSE | READY | AGE',
    'production | enforce | 0 | 4 | 3 | True',
  ])
  t.strictSame(
    (await table('get patchexceptions -A')).map(line => line.replace(/ \| \d{4}-[^|]+ \| /, ' | UNTIL | ')),
    [
      'NAMESPACE | NAME | STATE | UNTIL | OWNER | WORKLOADS | AGE',
      'closed | wish | NotAllowed | UNTIL | team-shop | 1',
      'prod | idle | NotNeeded | UNTIL | team-shop | 0',
      'prod | long | Active | UNTIL | team-shop | 1',
      'prod | short | Ended | UNTIL | team-shop | 1',
    ],
  )
})

const versions = async () =>
  (await must(run('get pp,pex -A -o jsonpath={.items[*].metadata.resourceVersion}'))).stdout
const cycles = () => audit.log().filter(({ msg }) => msg === 'audited').length

await t.test('a status is written when something changes, and not in each cycle', async t => {
  const [before, seen] = [await versions(), cycles()]
  await until('more cycles', async () => cycles() >= seen + 3)
  t.equal(await versions(), before)
})

const patch = (what: string, operations: readonly object[]) =>
  must(run(`patch ${what} --type=json -p ${JSON.stringify(operations)}`))

await t.test(
  'the last good version of a policy that becomes broken holds, and its status says so',
  async t => {
    // Past its schema, and past our own webhook.
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    const place = '/spec/versions/0/schema/openAPIV3Schema'
    await patch('crd patchpolicies.patchline.dev', [{ op: 'replace', path: place, value: schema }])
    await patch('validatingwebhookconfiguration patchline', [{ op: 'remove', path: '/webhooks/1' }])
    const broken = policy({ ...production, mode: 'loud', match: { images: ['Nginx'] } })
    await until('the permissive schema', async () => (await apply(broken)).code === 0)
    await until('that the webhook has seen it', async () =>
      logLines().some(line =>
        line.includes(
          'read patchpolicy production: spec.mode: must be one of off, audit, warn, enforce; its last good version holds until then',
        ),
      ),
    )
    t.equal(await isRefused('prod'), true)
    t.equal(await isRefused('dev'), false)
    await until('its status', async () => (await statusOf('pp production')).conditions[0].status === 'False')
    const status = await statusOf('pp production')
    t.match(status.conditions, [
      {
        reason: 'Invalid',
        message:
          'the last version without problems is in force; spec.mode: must be one of off, audit, warn, enforce',
      },
    ])
    t.equal(status.workloads, 4)
    t.match((await table('get patchpolicies'))[1], /^production \| loud \| .* \| False$/)

    await must(apply(policy({ mode: 'loud' }, 'never-good')))
    await until('the other', async () => (await statusOf('pp never-good')).conditions?.[0].status === 'False')
    t.match(await statusOf('pp never-good'), {
      conditions: [{ message: 'it does not count; spec.mode: must be one of off, audit, warn, enforce' }],
    })
  },
)

await t.test('without the policy the configuration decides again', async t => {
  await must(run('delete pp production never-good'))
  const deleted = Date.now()
  await until('the configuration', async () => !(await isRefused('prod')))
  t.ok(Date.now() - deleted < 2000, `${Date.now() - deleted} ms`)
  await until('the exceptions', async () => (await statusOf('pex long -n prod')).state === 'NotAllowed')
})

await t.test('the rights of the manifests were enough', t => {
  const lines = audit.log()
  t.strictSame(
    lines.filter(line => line.level === 'error' || /\b403\b/.test(JSON.stringify(line))),
    [],
  )
  t.end()
})
