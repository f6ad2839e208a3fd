import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseAllDocuments, stringify } from 'yaml'
import { createCertificates } from '../../src/certificates/index.ts'
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts'
import { must, toolsFor, until, type Tools } from '../cluster/tools.ts'
import { serviceName } from './api-servers.ts'
import { joinNode } from './kubelet.ts'

// The whole cluster was down, and its nodes are gone. It starts with the webhooks of the manifests registered, and nothing behind
// them: what it needs, and Patchline itself, must come up all the same, whatever `failurePolicy` says.

const root = join(import.meta.dirname, '../..')

interface Cold extends Tools {
  readonly cluster: ControlPlane
  /** The manifests without the webhook configurations, as YAML. */
  readonly rest: string
}

/** A cluster with Patchline's manifests and workloads, after all of it was stopped and started. */
async function startCold(t: Test, failurePolicy: string): Promise<Cold> {
  // Added to RBAC: what a node may do is what a kubelet does here.
  const apiServerArguments = ['--authorization-mode=Node', '--enable-admission-plugins=NodeRestriction']
  const cluster = await startControlPlane({ apiServerArguments })
  t.teardown(() => cluster.close())
  const tools = toolsFor(cluster)
  const { kubectl, namespace } = tools
  const manifests = parseAllDocuments((await must(kubectl(`kustomize ${join(root, 'manifests')}`))).stdout)
  const objects = manifests.map(document => document.toJS())
  const rest = textOf(objects.filter(object => !isWebhook(object)))
  await must(kubectl('apply -f -', rest))
  await createWorkloads(tools)
  await namespace('shop')
  await must(kubectl('create deployment web --image=nginx:1.25.1 --replicas=2 -n shop'))
  await must(kubectl('apply -f -', await registered(objects.filter(isWebhook), failurePolicy)))
  await until('the webhooks', async () => {
    const refused = await kubectl('run probe --image=nginx:1.25.1 -n shop --dry-run=server')
    return (failurePolicy === 'Fail') === (refused.code !== 0)
  })
  // The API server is to make it again.
  await must(kubectl('delete namespace kube-node-lease'))
  await cluster.restart()
  return { ...tools, cluster, rest }
}

const isWebhook = ({ kind }: { kind: string }): boolean => kind.endsWith('WebhookConfiguration')

const textOf = (objects: readonly object[]): string => objects.map(object => stringify(object)).join('---\n')

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: object }[]
}

/** Webhook configurations as `patchline certs --patch` leaves them. */
async function registered(configurations: readonly Configuration[], failurePolicy: string): Promise<string> {
  const { ca } = await createCertificates({ hosts: [serviceName], now: Date.now() })
  const caBundle = Buffer.from(ca.certificate).toString('base64')
  const changed = configurations.map(configuration => {
    const webhooks = configuration.webhooks.map(webhook => {
      return { ...webhook, failurePolicy, clientConfig: { ...webhook.clientConfig, caBundle } }
    })
    return { ...configuration, webhooks }
  })
  return textOf(changed)
}

/** What runs in kube-system anywhere, with images that are behind. */
async function createWorkloads({ kubectl }: Tools): Promise<void> {
  const bootstrap = '--clusterrole=system:node-bootstrapper --group=system:bootstrappers'
  await must(kubectl(`create clusterrolebinding bootstrappers ${bootstrap}`))
  await must(kubectl('create deployment coredns --image=coredns/coredns:1.11.0 -n kube-system'))
  const labels = { app: 'kube-proxy' }
  const containers = [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.30.0' }]
  const proxy = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-proxy', namespace: 'kube-system' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  }
  await must(kubectl('create -f -', JSON.stringify(proxy)))
}

/** The line that docs/availability.md gives for an emergency. */
function breakGlass(): string {
  const page = readFileSync(join(root, 'docs/availability.md'), 'utf8')
  const [, line] = /^## Break-glass\n[^]*?^```\nkubectl (.*)\n```$/m.exec(page) ?? []
  if (line === undefined) throw new Error('docs/availability.md has no line for an emergency')
  return line
}

for (const failurePolicy of ['Ignore', 'Fail'])
  t.test(`cold start with failurePolicy ${failurePolicy}`, { timeout: 600_000 }, async t => {
    const cold = await startCold(t, failurePolicy)
    const { kubectl, cluster, rest } = cold
    const podsOf = async (namespace: string): Promise<readonly string[]> =>
      (await must(kubectl(`get pods -n ${namespace} -o name`))).stdout.split('\n').filter(name => name !== '')

    await t.test('the namespaces of the control plane are there', async () => {
      for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'default'])
        await until(name, async () => (await kubectl(`get serviceaccount default -n ${name}`)).code === 0)
      await must(kubectl('delete serviceaccount default -n kube-system'))
      await until('the account', async () => (await kubectl('get sa default -n kube-system')).code === 0)
      await must(kubectl('create token default -n kube-system'))
    })

    await t.test('a node joins, with its lease and its static pods', () => joinNode('node-1', cluster, cold))

    await t.test('pods are made again, of whatever namespace', async t => {
      const namespaces = ['kube-system', 'patchline-system', 'shop']
      const before = await Promise.all(namespaces.map(podsOf))
      for (const name of namespaces)
        await must(kubectl(`delete pods --all -n ${name} --force --grace-period=0 --wait=false`))
      // coredns, and kube-proxy on the node; two replicas of the webhook and the audit; two of web.
      for (const [at, count] of [2, 3, 2].entries()) {
        const name = namespaces[at] ?? ''
        await until(`pods of ${name}`, async () => {
          const now = (await podsOf(name)).filter(pod => !before[at]?.includes(pod))
          return now.length === count
        })
      }
      t.pass('all of them')
    })

    await t.test('namespaces that are never judged are labelled as before', async () => {
      for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'patchline-system'])
        await must(kubectl(`label namespace ${name} example.com/team=platform`))
    })

    await t.test('Patchline is installed anew', async () => {
      await must(kubectl('delete namespace patchline-system --timeout=90s'))
      await must(kubectl('apply -f -', rest))
      await until('its pods', async () => (await podsOf('patchline-system')).length === 3)
    })

    await t.test('what a person applies, before and after the line for an emergency', async t => {
      const create = (name: string) => kubectl(`create deployment ${name} --image=nginx:1.25.1 -n shop`)
      const before = await create('before')
      t.equal(before.code, failurePolicy === 'Fail' ? 1 : 0, before.stderr)
      if (failurePolicy === 'Fail') t.match(before.stderr, 'failed calling webhook "mutate.patchline.dev"')
      await must(kubectl(breakGlass()))
      await until('a Deployment', async () => (await create('after')).code === 0)
      const { stdout } = await must(
        kubectl('get validatingwebhookconfigurations,mutatingwebhookconfigurations'),
      )
      t.equal(stdout, '')
    })
  })
