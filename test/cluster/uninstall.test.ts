import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { execute } from '../support/program/execute.ts'
import { startAudit } from '../support/program/local-audit.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { applyRights, ownNamespace, serviceAccountConfig } from './audit-rights.ts'
import { definitionOf } from './custom-kinds.ts'
import { policyReportDefinition } from './report-definitions.ts'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

// Patchline as it is installed, with all that it writes, and then without it.
const main = join(import.meta.dirname, '../../src/main.ts')
const folder = t.testdir()
const stage = await startStage()
t.teardown(() => stage.close())
const { cluster, kubectl: run, create } = stage
const registry = await startMemoryRegistry({ repositories: { 'library/nginx': ['1.25.1', '1.25.5'] } })
t.teardown(() => registry.close())

const rollouts = definitionOf(
  { group: 'argoproj.io', kind: 'Rollout', plural: 'rollouts' },
  { status: false },
)

const others = {
  apiVersion: 'wgpolicyk8s.io/v1alpha2',
  kind: 'PolicyReport',
  metadata: {
    name: 'patchline-of-another-tool',
    namespace: 'shop',
    labels: { 'app.kubernetes.io/managed-by': 'kyverno' },
  },
}

const uninstall = (args: readonly string[] = [], kubeconfig = cluster.kubeconfig) =>
  execute(process.execPath, [main, 'uninstall', '--kubeconfig', kubeconfig, ...args])

interface Listed {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly resourceVersion: string
    readonly generation?: number
    readonly annotations?: Readonly<Record<string, string>>
  }
}

const kinds = 'deployments,replicasets,pods,rollouts.argoproj.io,policyreports,events,cronjobs'
const list = async (what: string): Promise<readonly Listed[]> =>
  parse((await must(run(`get ${what} -o json`))).stdout).items
const annotated = async (): Promise<readonly string[]> =>
  (await list('deployments,replicasets,pods,rollouts.argoproj.io,cronjobs -n shop'))
    .filter(({ metadata: { annotations = {} } }) => 'patchline.dev/images' in annotations)
    .map(({ kind }) => kind)

await applyRights(cluster)
await create(JSON.stringify(policyReportDefinition))
await create(rollouts)
await until('the reports', async () => (await run('get policyreports.wgpolicyk8s.io')).code === 0)
await until('rollouts', async () => (await run('get rollouts.argoproj.io')).code === 0)
await stage.namespace('shop')
await create(JSON.stringify(others))
for (const name of ['web', 'db']) await must(run(`create deployment ${name} --image=nginx:1.25.1 -n shop`))
await must(run('annotate deployment web -n shop patchline.dev/strategy=minor patchline.dev/skip=1.25.4'))
await must(run('create cronjob night --image=nginx:1.25.1 --schedule=@daily -n shop'))
await must(run('run alone --image=nginx:1.25.1 -n shop'))
const template = { spec: { containers: [{ name: 'main', image: 'nginx:1.25.1' }] } }
await must(
  run(
    'create -f -',
    JSON.stringify({
      apiVersion: 'argoproj.io/v1',
      kind: 'Rollout',
      metadata: { name: 'canary', namespace: 'shop' },
      spec: { template },
    }),
  ),
)
// Of deployments, replica sets (to which their controller copies), pods, cron jobs and rollouts.
await until('all annotations', async () => new Set(await annotated()).size === 5)

const kubeconfig = join(folder, 'audit.kubeconfig')
writeFileSync(kubeconfig, await serviceAccountConfig(cluster))
mkdirSync(join(folder, 'audit'))
const audit = await startAudit({
  directory: join(folder, 'audit'),
  configuration: `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
kubernetes: { kubeconfig: ${kubeconfig} }
audit: { namespaces: [shop] }`,
  environment: {},
})
t.teardown(() => audit.kill())
await until('a report for each', async () => (await list('policyreports -n shop')).length >= 5)
await until('what the audit keeps', async () => (await list(`configmaps -n ${ownNamespace}`)).length >= 3)
await until('Events', async () =>
  (await list('events -n shop')).some(({ metadata }) => metadata.name.startsWith('patchline-')),
)
t.equal(await audit.stop(), 0)

const versions = async () =>
  (await list(`${kinds} -n shop`)).map(({ metadata }) => [metadata.name, metadata.resourceVersion])

await t.test('a dry run says what there is, and touches nothing', async t => {
  const before = await versions()
  const { code, stdout, stderr } = await uninstall(['--dry-run'])
  t.strictSame([code, stderr], [0, ''])
  t.match(stdout, /^validatingwebhookconfigurations\.admissionregistration\.k8s\.io: 1 deleted \(dry run\)$/m)
  t.match(stdout, /^deployments\.apps: 2 cleared of annotations \(dry run\)$/m)
  t.strictSame(await versions(), before)
  t.equal((await run('get mutatingwebhookconfiguration patchline')).code, 0)
})

await t.test('who may not do it is told what is left', async t => {
  const poor = join(folder, 'poor.kubeconfig')
  writeFileSync(poor, await serviceAccountConfig(cluster, { namespace: 'shop', name: 'default' }))
  const { code, stdout, stderr } = await uninstall([], poor)
  t.strictSame([code, stdout], [3, ''])
  t.match(
    stderr,
    /^patchline: validatingwebhookconfigurations\.admissionregistration\.k8s\.io: 1 not deleted$/m,
  )
  t.match(stderr, /^patchline: list validatingwebhookconfigurations.* is forbidden: /m)
  t.match(stderr, /a webhook is still there and would write them again; remove it first$/m)
})

await t.test('nothing is left, and what others wrote stays', async t => {
  const generationOf = async () =>
    (await list('deployments -n shop')).map(({ metadata }) => metadata.generation ?? 0)
  const before = await generationOf()
  const { code, stdout, stderr } = await uninstall()
  t.strictSame([code, stderr], [0, ''])
  t.match(stdout.split('\n'), [
    'validatingwebhookconfigurations.admissionregistration.k8s.io: 1 deleted',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io: 1 deleted',
    'deployments.apps patchline-audit: 1 scaled to 0',
    'rollouts.argoproj.io: 1 cleared of annotations',
    'deployments.apps: 2 cleared of annotations',
    'cronjobs.batch: 1 cleared of annotations',
    'pods: 1 cleared of annotations',
    'replicasets.apps: 2 cleared of annotations',
    /^policyreports\.wgpolicyk8s\.io: \d+ deleted$/,
    /^events\.events\.k8s\.io: \d+ deleted$/,
    /^configmaps: [2-4] deleted$/,
    'leases.coordination.k8s.io: 1 deleted',
    '',
  ])
  t.strictSame(await annotated(), [])
  t.strictSame(
    (await list('policyreports -A')).map(({ metadata }) => metadata.name),
    ['patchline-of-another-tool'],
  )
  const web = (await list('deployments -n shop')).find(({ metadata }) => metadata.name === 'web')
  t.match(web?.metadata.annotations, { 'patchline.dev/strategy': 'minor', 'patchline.dev/skip': '1.25.4' })
  t.strictSame(
    await generationOf(),
    before.map(generation => generation + 1),
    'each changed once',
  )
  t.strictSame(
    (await list(`configmaps -n ${ownNamespace}`)).map(({ metadata }) => metadata.name).toSorted(),
    ['kube-root-ca.crt', 'patchline'],
  )
})

await t.test('again, and after the manifests are gone, there is nothing to do', async t => {
  t.match(await uninstall(), { code: 0, stdout: 'nothing of patchline was found\n', stderr: '' })
  const manifests = join(import.meta.dirname, '../../manifests')
  await must(run(`delete -k ${manifests} --ignore-not-found --wait=false`))
  t.match(await uninstall(), { code: 0, stdout: 'nothing of patchline was found\n', stderr: '' })
})

await t.test('no cluster is an error of the caller', async t => {
  t.match(await uninstall(['--context', 'none']), { code: 1, stdout: '', stderr: /no context "none"/ })
})
