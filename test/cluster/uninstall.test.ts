import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ownNamespace, serviceAccountConfig } from './audit-rights.ts'
import { startInstalled, type Installed } from './installed.ts'
import { must } from './tools.ts'

// Patchline as it is installed, with all that it writes, and then without it: by `patchline uninstall` and `kubectl delete -k`, in
// either order.
const manifests = join(import.meta.dirname, '../../manifests')
const kinds = 'deployments,replicasets,pods,rollouts.argoproj.io,policyreports,events,cronjobs'
const nothing = { code: 0, stdout: 'nothing of patchline was found\n', stderr: '' }

/** What must be so in the end, whichever command came first. */
async function isClean(
  t: Test,
  { list, annotated, generations }: Installed,
  before: readonly number[],
): Promise<void> {
  const webhooks = 'validatingwebhookconfigurations,mutatingwebhookconfigurations'
  t.strictSame(await list(webhooks), [], 'no webhook is left')
  t.strictSame(await annotated(), [])
  t.strictSame(
    (await list('policyreports -A')).map(({ metadata }) => metadata.name),
    ['patchline-of-another-tool'],
  )
  const web = (await list('deployments -n shop')).find(({ metadata }) => metadata.name === 'web')
  t.match(web?.metadata.annotations, { 'patchline.dev/strategy': 'minor', 'patchline.dev/skip': '1.25.4' })
  t.strictSame(
    await generations(),
    before.map(generation => generation + 1),
    'each changed once',
  )
  const events = (await list('events -n shop')).map(({ metadata }) => metadata.name)
  t.strictSame(
    events.filter(name => name.startsWith('patchline-')),
    [],
  )
}

await t.test('uninstall first', async t => {
  const installed = await startInstalled(t)
  const { stage, list, uninstall, generations } = installed
  const { cluster, kubectl: run } = stage
  const versions = async () =>
    (await list(`${kinds} -n shop`)).map(({ metadata }) => [metadata.name, metadata.resourceVersion])

  await t.test('a dry run says what there is, and touches nothing', async t => {
    const before = await versions()
    const { code, stdout, stderr } = await uninstall(['--dry-run'])
    t.strictSame([code, stderr], [0, ''])
    t.match(
      stdout,
      /^validatingwebhookconfigurations\.admissionregistration\.k8s\.io: 1 deleted \(dry run\)$/m,
    )
    t.match(stdout, /^deployments\.apps: 2 cleared of annotations \(dry run\)$/m)
    t.strictSame(await versions(), before)
    t.equal((await run('get mutatingwebhookconfiguration patchline')).code, 0)
  })

  await t.test('who may not do it is told what is left', async t => {
    const poor = join(t.testdir(), 'poor.kubeconfig')
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
    const before = await generations()
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
    await isClean(t, installed, before)
    t.strictSame(
      (await list(`configmaps -n ${ownNamespace}`)).map(({ metadata }) => metadata.name).toSorted(),
      ['kube-root-ca.crt', 'patchline'],
    )
  })

  await t.test('again, and after the manifests are gone, there is nothing to do', async t => {
    t.match(await uninstall(), nothing)
    await must(run(`delete -k ${manifests} --ignore-not-found --wait=false`))
    t.match(await uninstall(), nothing)
  })

  await t.test('no cluster is an error of the caller', async t => {
    t.match(await uninstall(['--context', 'none']), { code: 1, stdout: '', stderr: /no context "none"/ })
  })
})

await t.test('the manifests first', async t => {
  const installed = await startInstalled(t)
  const { stage, list, uninstall, generations } = installed
  const before = await generations()
  await must(stage.kubectl(`delete -k ${manifests} --timeout=120s`))
  const { code, stdout, stderr } = await uninstall()
  t.strictSame([code, stderr], [0, ''])
  t.match(stdout.split('\n'), [
    'rollouts.argoproj.io: 1 cleared of annotations',
    'deployments.apps: 2 cleared of annotations',
    'cronjobs.batch: 1 cleared of annotations',
    'pods: 1 cleared of annotations',
    'replicasets.apps: 2 cleared of annotations',
    /^policyreports\.wgpolicyk8s\.io: \d+ deleted$/,
    /^events\.events\.k8s\.io: \d+ deleted$/,
    '',
  ])
  await isClean(t, installed, before)
  const namespaces = (await list('namespaces')).map(({ metadata }) => metadata.name)
  t.notOk(namespaces.includes(ownNamespace), 'with what the audit kept there')
  t.match(await uninstall(), nothing)
})
