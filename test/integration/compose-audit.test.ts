import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { refuse, startApiServer, until } from '../support/kubernetes/fake-api-server.ts'
import { clusterHandler } from '../support/kubernetes/fake-cluster.ts'
import { FakeThings } from '../support/kubernetes/fake-things.ts'
import { StoredObjects } from '../support/kubernetes/stored-objects.ts'
import { startAudit, type LocalAudit } from '../support/program/local-audit.ts'
import { childDigest, digestOf } from '../support/registry/memory-replies.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { slackServer } from '../support/channels/slack-server.ts'

const system = '/namespaces/patchline-system'
const lease = `/apis/coordination.k8s.io/v1${system}/leases/patchline-audit`
const stateOf = (slot: string): string => `/api/v1${system}/configmaps/patchline-state-${slot}-0`

/** A cluster that has what the audit writes, a registry and Slack, and `patchline audit` between them. */
async function stage(t: Test, { interval = 0.005, more = '', image = 'nginx:1.25.1' } = {}) {
  const registry = await startMemoryRegistry({
    repositories: { 'library/nginx': ['1.25.1', '1.25.5'], 'acme/web': ['1.0.0', '1.0.1'] },
    manifests: { 'acme/web:1.0.0': indexOf('a'), 'acme/web:1.0.1': indexOf('b') },
  })
  t.teardown(() => registry.close())
  const slack = await slackServer(t)
  const things = new FakeThings()
  const labels = { 'patchline.dev/mode': 'wran' }
  things.set('/api/v1/namespaces', { metadata: { name: 'shop', labels } })
  const containers = [{ name: 'main', image }]
  things.set('/apis/apps/v1/deployments', {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { spec: { containers } } },
  })
  const stored = new StoredObjects()
  let isDown = false
  const server = await startApiServer((received, response) => {
    if (isDown) return refuse(503, 'starting')(received, response)
    return clusterHandler(received, { things, stored })(received, response)
  })
  t.teardown(() => server.close())
  const directory = join(t.testdir(), 'audit')
  mkdirSync(directory)
  const configuration = `
publicRegistries: false
registries:
  - { host: docker.io, endpoint: '${registry.origin}', insecure: true }
  - { host: ghcr.io, endpoint: '${registry.origin}', insecure: true }
kubernetes: { kubeconfig: ${server.kubeconfig(directory)} }
audit: { intervalMinutes: ${interval}, refreshLimitMinutes: 0.05, reports: false }
${more}
notifications:
  channels: [{ name: team, kind: slack, urlFrom: { environment: SLACK_URL }, insecure: true }]
  routes: [{ name: all, channels: [team] }]
`
  const start = async (options: { readonly port?: number } = {}): Promise<LocalAudit> => {
    const environment = { SLACK_URL: slack.url }
    const audit = await startAudit({ directory, configuration, environment, ...options })
    t.teardown(() => audit.kill())
    return audit
  }
  return { registry, stored, slack, start, down: (now: boolean) => void (isDown = now) }
}

/** An index for one platform, as buildx writes it with annotations. */
function indexOf(digit: string): string {
  const annotations = { 'org.opencontainers.image.source': 'https://github.com/acme/web.git#main' }
  const platform = { os: 'linux', architecture: 'amd64' }
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ digest: childDigest(digit), platform, annotations }],
  })
}

const said = (audit: LocalAudit, text: string): number => audit.log().filter(({ msg }) => msg === text).length
const shown = async (audit: LocalAudit): Promise<readonly string[]> =>
  [...(await audit.metrics()).keys()].filter(name => name.startsWith('patchline_image'))

t.test('a state that cannot be read keeps messages back, and nothing else', async t => {
  const { stored, slack, start } = await stage(t)
  const first = await start()
  await until(() => ['a', 'b'].every(slot => stored.objects.has(stateOf(slot))))
  t.equal(await first.stop(), 0)
  t.equal(slack.received.length, 1)
  for (const slot of ['a', 'b']) {
    const whole = stored.objects.get(stateOf(slot))
    if (whole !== undefined) stored.objects.set(stateOf(slot), { ...whole, binaryData: { state: 'AAAA' } })
  }
  const audit = await start()
  const complaints = () => audit.log().filter(({ msg }) => msg === 'report not told, trying again')
  await until(() => complaints().length > 1)
  t.match(complaints()[0], { level: 'error', err: { message: /no copy is whole \(patchline-state-.-0/ } })
  t.match(await audit.drift(), [{ verdict: 'outdated', newest: '1.25.5' }])
  t.ok((await shown(audit)).length > 0)
  t.equal(slack.received.length, 1)
  // As docs/audit.md says: all is told once more.
  for (const slot of ['a', 'b']) stored.objects.delete(stateOf(slot))
  await until(() => slack.received.length === 2)
  t.equal(await audit.stop(), 0)
})

t.test('a cycle tells what is so in it, and marks what it could not have in time', async t => {
  const { registry, start } = await stage(t, {
    interval: 0.05,
    more: 'catalog: { refreshAfterMinutes: 0.001 }',
  })
  const audit = await start()
  const cycles = () => audit.log().filter(({ msg }) => msg === 'audited')
  await until(() => cycles().length === 1)
  t.match(await audit.drift(), [{ newest: '1.25.5', overdue: false }])
  registry.setTags('library/nginx', ['1.25.1', '1.25.5', '1.25.6'])
  await until(() => cycles().length === 2)
  await until(async () => (await audit.metrics()).get('patchline_audit_overdue_containers') === 0)
  t.match(await audit.drift(), [{ newest: '1.25.6', overdue: false }])
  t.match(cycles()[1], { overdue: 0, limitSeconds: 3 })
  t.match(await audit.summary(), {
    ignored: [/^namespace shop: namespace label patchline\.dev\/mode=wran is none of/],
  })
  registry.misbehave(() => ({ pace: 'never' }))
  await until(() => cycles().length === 3)
  await until(async () => (await audit.metrics()).get('patchline_audit_overdue_containers') === 1)
  const why = 'docker.io/library/nginx: asked for again, and no answer came in time'
  t.match(await audit.drift(), [{ newest: '1.25.6', overdue: true, detail: why, checkedAt: String }])
  t.equal(said(audit, 'setting ignored'), 1, 'once, not in each cycle')
  const [, , last] = cycles()
  t.match(last, { overdue: 1, limitSeconds: 3 })
  t.ok(Number(last?.['seconds']) < 10, 'a registry that does not answer makes no cycle longer than the limit')
  t.equal(await audit.stop(), 0)
})

t.test('a message leads to the release notes that the index of a newer tag leads to', async t => {
  const { registry, slack, start } = await stage(t, { image: 'ghcr.io/acme/web:1.0.0' })
  const audit = await start()
  // The first message may come before the registry has answered.
  const news = (): string | undefined => slack.received.find(({ body }) => body.includes('1.0.1'))?.body
  await until(() => news() !== undefined)
  t.match(
    JSON.parse(news() ?? '').blocks[1].text.text,
    ' -&gt; 1.0.1 (1 version behind) (<https://ghcr.io/acme/web|tags>, <https://github.com/acme/web/releases|release notes>)\n',
  )
  t.match(await audit.drift(), [{ page: 'https://ghcr.io/acme/web', source: 'https://github.com/acme/web' }])
  t.equal(await audit.stop(), 0)
  const others = registry.requests.filter(({ method, path }) => method === 'GET' && !path.includes('/tags/'))
  t.strictSame(
    [...new Set(others.map(({ path }) => path))].toSorted(),
    ['a', 'b'].map(digit => `/v2/acme/web/manifests/${digestOf(indexOf(digit))}`).toSorted(),
    'no request but those that tell the platforms',
  )
})

t.test('who loses the lease shows no report any more', async t => {
  const { stored, slack, start } = await stage(t)
  const audit = await start()
  await until(async () => ((await audit.drift()) ?? []).length === 1 && slack.received.length === 1)
  const now = new Date().toISOString().replace('Z', '000Z')
  const spec = {
    holderIdentity: 'other',
    leaseDurationSeconds: 15,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: 1,
  }
  stored.objects.set(lease, { metadata: { name: 'patchline-audit', resourceVersion: '999' }, spec })
  await until(async () => (await audit.metrics()).get('patchline_leader') === 0)
  t.equal(await audit.drift(), undefined)
  t.strictSame(await shown(audit), [])
  t.equal(await audit.stop(), 0)
  t.equal(stored.objects.get(lease)?.metadata['resourceVersion'], '999', 'the lease is left to the other')
})

t.test('an API server that comes later is waited for', async t => {
  const { down, start } = await stage(t)
  down(true)
  const audit = await start()
  await until(() => said(audit, 'leading failed, trying again') > 0)
  t.match(
    audit.log().find(({ msg }) => msg === 'leading failed, trying again'),
    { level: 'warn', reason: /503 starting; check that the API server can be reached/ },
  )
  down(false)
  await until(async () => ((await audit.drift()) ?? []).length === 1)
  t.equal(await audit.stop(), 0)
})

t.test('a port that is taken is named by its key', async t => {
  const { start } = await stage(t)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const audit = await start({ port })
  t.equal(await audit.ended(), 1)
  t.match(audit.log(), [
    { msg: /cannot audit: operations\.address 127\.0\.0\.1, operations\.port \d+: .*EADDRINUSE/ },
  ])
})
