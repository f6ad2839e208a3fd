import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createCertificates } from '../../src/certificates/index.ts'
import { chart, helms, type Helm } from '../support/kubernetes/chart.ts'
import { startPatchline } from '../support/program/local-patchline.ts'
import { startDistribution } from '../support/registry/registry-process.ts'
import { certsPatch } from './certs-patch.ts'
import { startControlPlane } from './control-plane.ts'
import { startHookRunner } from './hook-runner.ts'
import { helm as runHelm } from './kubectl.ts'
import { startServiceProxy } from './service-proxy.ts'
import { pushStageTags, stageConfiguration } from './stage.ts'
import { must, toolsFor, until } from './tools.ts'

// The chart with real helm on a real API server, which reaches the webhook by its Service. Pods do not run there: the commands of
// the hooks run here, with the rights of their accounts, and Patchline with those of an administrator.
const namespace = 'patchline-system'
const secretPath = '0123456789abcdef'.repeat(4)

const registry = await startDistribution({ version: 'v3', maxTags: 3 })
t.teardown(() => registry.close())
await pushStageTags(registry.origin)
const proxy = await startServiceProxy()
t.teardown(() => proxy.close())
const cluster = await startControlPlane({ apiServerArguments: proxy.apiServerArguments })
t.teardown(() => cluster.close())
const { kubectl: run } = toolsFor(cluster)

const left: string[] = []
const hooks = startHookRunner(cluster, async ({ command }) => {
  if (command !== 'uninstall') return
  const kinds = 'validatingwebhookconfiguration,mutatingwebhookconfiguration,deployment'
  left.push(...names((await run(`get ${kinds} -n ${namespace} -o name`)).stdout))
})
t.teardown(() => hooks.close())

const folder = t.testdir()
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const { ca, serving } = await createCertificates({ hosts: [`patchline.${namespace}.svc`], now: Date.now() })
const values = JSON.stringify({
  tls: { source: 'existingSecret', path: secretPath, existingSecret: { caBundle: ca.certificate } },
  check: { timeoutSeconds: 60 },
})

const everyKind = [
  'deployment',
  'service',
  'configmap',
  'secret',
  'serviceaccount',
  'role',
  'rolebinding',
  'poddisruptionbudget',
  'job',
  'clusterrole',
  'clusterrolebinding',
  'validatingwebhookconfiguration',
  'mutatingwebhookconfiguration',
  'customresourcedefinition',
]

const names = (text: string): readonly string[] => text.split('\n').filter(line => line !== '')
const ran = (from: number): readonly (readonly [string, number])[] =>
  hooks.ran.slice(from).map(({ command, code }) => [command, code])

/** The chart as it was a version ago: other definitions, and without the values that came since. */
function previousChart(parent: string): string {
  const folder = join(parent, 'patchline')
  mkdirSync(folder)
  cpSync(chart, folder, { recursive: true })
  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')))
  edit('Chart.yaml', text => text.replace(/^version: .*$/m, 'version: 0.0.9'))
  edit('files/crds/patchexceptions.yaml', text => text.replace(/^ {16}ticket:\n(?: {18}.*\n)+/m, ''))
  return folder
}

const warns = async (): Promise<boolean> => {
  const probe = await run('create deployment probe --image=nginx:1.25.1 --dry-run=server')
  return probe.stderr.includes('4 versions behind')
}

const isTicketKnown = async (): Promise<boolean> =>
  (await must(run('get crd patchexceptions.patchline.dev -o json'))).stdout.includes('"ticket"')

await must(run(`create namespace ${namespace}`))
await must(run(`label namespace ${namespace} pod-security.kubernetes.io/enforce=restricted`))
const pair = { 'tls.crt': serving.certificate, 'tls.key': serving.key }
await must(
  run(
    'create -f -',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'patchline-tls', namespace },
      type: 'kubernetes.io/tls',
      stringData: pair,
    }),
  ),
)

const previous = previousChart(folder)
// It is there before the release is, so it does not have the account of one.
const patchline = await startPatchline(stageConfiguration(registry.origin, cluster), {
  webhook: {
    certificateFile: file('tls.crt', serving.certificate),
    keyFile: file('tls.key', serving.key),
    pathFile: file('path', secretPath),
  },
})
t.teardown(() => patchline.close())
const servingPort = Number(new URL(patchline.origin).port)
proxy.leadTo(servingPort)

for (const tool of helms)
  await t.test(`${tool}: install, test, upgrade, roll back, uninstall`, async t => {
    const helm = helmIn(tool)

    await t.test('the version before is installed, and its check sends a review', async t => {
      const from = hooks.ran.length
      const { code, stdout, stderr } = await helm(['install', 'patchline', previous, '--values', '-'], values)
      t.equal(code, 0, stderr)
      t.match(stdout, /Patchline 0\.1\.0 is in the namespace patchline-system\./)
      t.strictSame(ran(from), [
        ['preflight', 0],
        ['doctor', 0],
      ])
      await until('a warning', warns)
      t.notOk(await isTicketKnown())
    })

    await t.test('helm test runs twice', async t => {
      for (const time of ['once', 'again']) {
        const from = hooks.ran.length
        const { code, stdout, stderr } = await helm(['test', 'patchline'])
        t.equal(code, 0, `${time}: ${stderr}`)
        t.match(stdout, /Phase:\s+Succeeded/)
        t.strictSame(ran(from), [['doctor', 0]])
      }
    })

    await t.test('an upgrade brings the new definitions', async t => {
      const from = hooks.ran.length
      const { code, stderr } = await helm(['upgrade', 'patchline', chart, '--values', '-'], values)
      t.equal(code, 0, stderr)
      t.strictSame(ran(from), [
        ['preflight', 0],
        ['doctor', 0],
      ])
      t.ok(await isTicketKnown())
      t.ok(await warns())
    })

    await t.test('an upgrade that leads nowhere fails, and can be taken back', async t => {
      proxy.leadTo(1)
      const upgrade = ['upgrade', 'patchline', chart, '--values', '-']
      const broken = [...upgrade, '--set', 'check.timeoutSeconds=1']
      const { code, stderr } = await helm(broken, values)
      t.equal(code, 1)
      t.match(stderr, /post-upgrade/)
      t.match(hooks.ran.at(-1), {
        code: 3,
        stderr: /^patchline: the API server takes a PatchException that is over without asking Patchline\n/,
      })
      t.equal((await run('create deployment probe --image=nginx:1.25.1 --dry-run=server')).code, 0)
      proxy.leadTo(servingPort)
      t.equal((await helm(['rollback', 'patchline', '1'])).code, 0)
      await until('a warning', warns)
      t.match((await helm(['list', '-o', 'json'])).stdout, /"status":"deployed","chart":"patchline-0\.0\.9"/)
      t.notOk(await isTicketKnown())
      t.equal((await helm(['upgrade', 'patchline', chart, '--values', '-'], values)).code, 0)
    })

    await t.test('uninstall takes the webhooks first, and leaves policies', async t => {
      const policy = {
        apiVersion: 'patchline.dev/v1alpha1',
        kind: 'PatchPolicy',
        metadata: { name: 'kept' },
        spec: {},
      }
      await must(run('apply -f -', JSON.stringify(policy)))
      const from = hooks.ran.length
      left.length = 0
      const { code, stderr } = await helm(['uninstall', 'patchline'])
      t.equal(code, 0, stderr)
      t.strictSame(ran(from), [['uninstall', 0]])
      t.strictSame(left, ['deployment.apps/patchline', 'deployment.apps/patchline-audit'])
      t.strictSame(await ofRelease(), [
        'customresourcedefinition.apiextensions.k8s.io/patchexceptions.patchline.dev',
        'customresourcedefinition.apiextensions.k8s.io/patchpolicies.patchline.dev',
      ])
      t.equal((await run('get patchpolicy kept')).code, 0)
    })

    await t.test('what `patchline certs --patch` writes outlives an upgrade', async t => {
      const flags = ['--set', 'check.enabled=false,tls.source=existingSecret,tls.existingSecret.name=patched']
      t.equal(
        (await helm(['install', 'patchline', chart, ...flags])).code,
        0,
        'with the definitions that stayed',
      )
      const { code, err } = await certsPatch(cluster, '--secret', 'patched')
      t.equal(code, 0, err)
      const before = await clientConfigs()
      t.match(before, /"path":"\/validate\/[0-9a-f]{64}"/)
      const upgraded = await helm([
        'upgrade',
        'patchline',
        chart,
        ...flags,
        '--set',
        'webhook.timeoutSeconds=4',
      ])
      t.equal(upgraded.code, 0, upgraded.stderr)
      t.equal(await clientConfigs(), before)
      await t.test('and so does what Patchline writes for managed certificates', async t => {
        const managed = ['--set', 'check.enabled=false']
        t.equal((await helm(['upgrade', 'patchline', chart, ...managed])).code, 0)
        const written = '{"data":{"tls.key":"a2V5"}}'
        await must(run(`patch secret patchline-authority -n ${namespace} --type=merge --patch=${written}`))
        const again = [...managed, '--set', 'webhook.timeoutSeconds=5']
        t.equal((await helm(['upgrade', 'patchline', chart, ...again])).code, 0)
        const { stdout } = await must(run(`get secret patchline-authority -n ${namespace} -o json`))
        t.match(stdout, /"tls.key": "a2V5"/)
        t.equal(await clientConfigs(), before)
      })
      t.equal((await helm(['uninstall', 'patchline', '--no-hooks'])).code, 0)
      t.notMatch(
        (await run('get validatingwebhookconfigurations -o name')).stdout,
        /patchline/,
        'without the hook too',
      )
      await must(run(`delete secret patched -n ${namespace}`))
      await must(run('delete crd patchpolicies.patchline.dev patchexceptions.patchline.dev'))
    })
  })

for (const tool of helms)
  await t.test(`${tool} takes over what the manifests made`, async t => {
    const helm = helmIn(tool)
    const manifests = (await must(run(`kustomize ${join(chart, '../../manifests')}`))).stdout
    await must(run('apply -f -', manifests))
    await must(run(`delete deployment patchline patchline-audit -n ${namespace}`))
    const force = tool === 'helm4' ? ['--force-conflicts'] : []
    const flags = ['--take-ownership', '--set', 'check.enabled=false,tls.source=existingSecret', ...force]
    const { code, stderr } = await helm(['install', 'patchline', chart, ...flags])
    t.equal(code, 0, stderr)
    const found = await ofRelease(['deployment', 'validatingwebhookconfiguration'])
    t.equal(found.length, 3)
    t.equal((await helm(['uninstall', 'patchline', '--no-hooks'])).code, 0)
    await must(run('delete crd patchpolicies.patchline.dev patchexceptions.patchline.dev'))
  })

await t.test('preflight says why an installation would not work', async t => {
  const helm = helmIn('helm')
  const flags = ['--set', `tls.existingSecret.name=none`, '--values', '-']
  const { code, stderr } = await helm(['install', 'patchline', chart, ...flags], values)
  t.equal(code, 1)
  t.match(stderr, /pre-install/)
  t.match(hooks.ran.at(-1), {
    code: 3,
    stderr:
      'patchline: secret patchline-system/none is not there: create it, or let cert-manager or `patchline certs --patch` make it\n',
  })
  t.strictSame(await ofRelease(['deployment', 'validatingwebhookconfiguration']), [], 'nothing was installed')
})

function helmIn(tool: Helm) {
  return (args: readonly string[], input?: string) =>
    runHelm(cluster, [...args, '--namespace', namespace], { tool, ...(input !== undefined && { input }) })
}

async function ofRelease(kinds: readonly string[] = everyKind): Promise<readonly string[]> {
  const selector = 'app.kubernetes.io/instance=patchline'
  const found = await must(run(`get ${kinds.join()} -A -l ${selector} -o name`))
  return names(found.stdout).toSorted()
}

async function clientConfigs(): Promise<string> {
  const all = 'validatingwebhookconfiguration,mutatingwebhookconfiguration'
  const { stdout } = await must(run(`get ${all} -o json`))
  const { items } = JSON.parse(stdout)
  const configs = items.flatMap((item: { webhooks: readonly { clientConfig: object }[] }) =>
    item.webhooks.map(({ clientConfig }) => clientConfig),
  )
  return JSON.stringify(configs)
}
