import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createLeafRequest } from '../../src/certificates/index.ts'
import { createAuthority } from './certificates.ts'
import { startControlPlane } from './control-plane.ts'
import {
  installManaged,
  startReplica,
  startService,
  startStream,
  timing,
  type ManagedReplica,
} from './managed-webhooks.ts'
import { must, toolsFor, until } from './tools.ts'

// Managed certificates as they are installed: the rights of the manifests, the way of the API server through the Service. Only the
// times are shorter.

const directory = t.testdir()
const cluster = await startControlPlane()
t.teardown(() => cluster.close())
const { kubectl: run, namespace } = toolsFor(cluster)
const service = await startService()
t.teardown(() => service.close())
await installManaged(cluster, { folder: join(directory, 'kustomization'), service })
await namespace('shop')

let count = 0
const start = async (): Promise<ManagedReplica> => {
  count += 1
  const replica = await startReplica(cluster, { folder: join(directory, `replica-${count}`) })
  t.teardown(() => replica.stop())
  return replica
}

await t.test('two replicas that start at once have one authority, and what is applied is judged', async t => {
  const started = Date.now()
  const replicas = await Promise.all([start(), start()])
  service.replicas.push(...replicas)
  await until('both ready', async () => replicas.every(replica => replica.isReady()), 120_000)
  t.comment(`ready after ${Date.now() - started} ms`)
  t.equal(replicas.flatMap(replica => replica.logged('authority made')).length, 1)
  const probe = 'create deployment web --image=nginx:1.25.1 --dry-run=server -n shop'
  await until('a review', async () => (await run(probe)).code === 0)
  t.match((await must(run(`${probe} -o yaml`))).stdout, 'patchline.dev/status', 'by the mutating one')
})

const promoted = (): number =>
  service.replicas.flatMap(replica => replica.logged('authority promoted')).length

await t.test('rotations under a stream of requests: none fails', async t => {
  const stream = startStream(cluster, 'shop')
  await until('two authorities more', async () => promoted() >= 2, 180_000)
  await stream.stop()
  t.strictSame(stream.failures(), [])
  t.comment(`${stream.answered()} answered, ${promoted()} authorities`)
  t.ok(stream.answered() > 500)
})

const configurations = ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration'] as const
const bundles = async (name: string): Promise<readonly string[]> => {
  const { webhooks } = JSON.parse((await must(run(`get ${name} patchline -o json`))).stdout)
  return webhooks.map(
    ({ clientConfig }: { clientConfig: { caBundle?: string } }) => clientConfig.caBundle ?? '',
  )
}
const isWhole = async (name: string): Promise<boolean> => {
  const { stdout } = await must(
    run('get secret patchline-authority -n patchline-system -o jsonpath={.data.ca\\.crt}'),
  )
  const current = Buffer.from(stdout, 'base64').toString('utf8')
  return (await bundles(name)).every(text => Buffer.from(text, 'base64').toString('utf8').includes(current))
}
const patchBundle = (name: string, change: object, manager: string) =>
  must(
    run(
      `patch ${name} patchline --type=json --field-manager=${manager} -p ${JSON.stringify([{ path: '/webhooks/0/clientConfig/caBundle', ...change }])}`,
    ),
  )

await t.test('a bundle that was wiped is there again within seconds', async t => {
  for (const name of configurations) {
    await patchBundle(name, { op: 'remove' }, 'kubectl')
    const wiped = Date.now()
    await until(`the bundle of ${name}`, () => isWhole(name))
    t.ok(Date.now() - wiped < 5_000, `${Date.now() - wiped} ms`)
  }
})

const warned = () =>
  service.replicas.flatMap(replica => replica.logged('another writer undoes it, one repair a minute'))

await t.test('a deleted configuration is not made anew, and one that appears gets the bundle', async t => {
  const [name] = configurations
  const { stdout } = await must(run(`get ${name} patchline -o json`))
  await must(run(`delete ${name} patchline`))
  await sleep(3_000)
  t.equal((await run(`get ${name} patchline`)).code, 1)
  const { metadata, ...rest } = JSON.parse(stdout)
  for (const webhook of rest.webhooks) {
    delete webhook.clientConfig.caBundle
    delete webhook.clientConfig.service.path
  }
  await must(
    run(
      'create -f -',
      JSON.stringify({ ...rest, metadata: { name: metadata.name, labels: metadata.labels } }),
    ),
  )
  await until('the bundle', () => isWhole(name))
  const probe = 'create deployment web --image=nginx:1.25.1 --dry-run=server -n shop'
  await until('a review', async () => (await run(probe)).code === 0)
  t.strictSame(warned(), [])
})

const said = () => service.replicas.flatMap(replica => replica.logged('nothing is signed'))

await t.test('a Secret that is emptied is filled again, and one that is broken is told', async t => {
  const patch = (data: object | null) =>
    must(run(`patch secret patchline-authority -n patchline-system -p ${JSON.stringify({ data })}`))
  const probe = 'create deployment web --image=nginx:1.25.1 --dry-run=server -n shop'
  const stream = startStream(cluster, 'shop')
  await sleep(1_000)
  const before = promoted()
  await patch(null)
  await until('another authority', async () => promoted() > before)
  await sleep(2 * timing.propagation)
  await stream.stop()
  t.strictSame(stream.failures(), [])
  await patch({ 'ca.key': Buffer.from('junk').toString('base64') })
  await until('a word', async () => said().length > 0)
  t.match(said(), [
    {
      reason: 'ca.crt and ca.key: the key is not one of the curve P-256',
      remedy: `kubectl -n patchline-system patch secret patchline-authority -p '{"data":null}' has a new one made`,
    },
  ])
  t.equal((await run(probe)).code, 0, 'what is served stays')
  await patch(null)
  await until('another authority', async () => promoted() > before + 1)
})

await t.test('another writer who does not stop is yielded to, and told', async t => {
  const name = configurations[1]
  const other = Buffer.from(createAuthority('other').certificate).toString('base64')
  const ending = Date.now() + 20_000
  let flips = 0
  while (Date.now() < ending) {
    if ((await bundles(name)).every(text => text !== other)) {
      await patchBundle(name, { op: 'replace', value: other }, 'argocd-controller')
      flips += 1
    }
    await sleep(200)
  }
  t.ok(flips >= 3 && flips <= 8, `${flips} flips`)
  t.match(warned(), [
    {
      field: 'bundle',
      resource: 'mutatingwebhookconfigurations',
      otherWriters: ['argocd-controller', 'kubectl-create'],
    },
  ])
  const metrics = (await Promise.all(service.replicas.map(replica => replica.metrics()))).join('\n')
  t.match(metrics, /^patchline_webhook_repairs_backed_off 1$/m)
  t.match(metrics, /^patchline_authority_expiry_timestamp_seconds \d/m)
  // When the other one gives way, the bundle is back after a minute.
  await until('the bundle', () => isWhole(name), 90_000)
})

/** How the leader answers a request. */
const ask = async (name: string, pem: string, as: string): Promise<string> => {
  const object = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      signerName: 'patchline.dev/webhook-serving',
      usages: ['digital signature', 'server auth'],
      request: Buffer.from(pem).toString('base64'),
    },
  }
  await must(run(`create -f - ${as}`.trim(), JSON.stringify(object)))
  let reason = ''
  await until(`an answer to ${name}`, async () => {
    const { stdout } = await must(run(`get csr ${name} -o json`))
    const { conditions = [], certificate } = JSON.parse(stdout).status
    reason = certificate === undefined ? `${conditions[0]?.type} ${conditions[0]?.reason}` : 'signed'
    return conditions.length > 0
  })
  return reason
}

await t.test('what others ask of the signer is denied', async t => {
  const { request } = await createLeafRequest(['kubernetes.default.svc'])
  const ours = await createLeafRequest([
    'patchline.patchline-system.svc',
    'patchline.patchline-system.svc.cluster.local',
  ])
  const account = '--as=system:serviceaccount:patchline-system:patchline'
  t.equal(await ask('stranger', ours.request, ''), 'Denied OtherRequester')
  t.equal(await ask('other-names', request, account), 'Denied OtherNames')
})

const may = async (what: string): Promise<string> =>
  (await run(`auth can-i ${what} --as=system:serviceaccount:patchline-system:patchline`)).stdout.trim()

/** Whether it may do something to a signer, whose name kubectl cannot take. */
const mayWithSigner = async (verb: string, name: string): Promise<boolean> => {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: 'system:serviceaccount:patchline-system:patchline',
      resourceAttributes: { group: 'certificates.k8s.io', resource: 'signers', verb, name },
    },
  }
  return JSON.parse((await must(run('create -f - -o json', JSON.stringify(review)))).stdout).status.allowed
}

await t.test('its rights are these and no more', async t => {
  for (const verb of ['approve', 'sign']) {
    t.equal(await mayWithSigner(verb, 'patchline.dev/webhook-serving'), true, verb)
    t.equal(await mayWithSigner(verb, 'kubernetes.io/kube-apiserver-client'), false, verb)
  }
  const own = '-n patchline-system'
  const signer = '--subresource='
  for (const what of [
    'create certificatesigningrequests',
    'watch certificatesigningrequests',
    `update certificatesigningrequests ${signer}approval`,
    `update certificatesigningrequests ${signer}status`,
    `get secrets/patchline-authority ${own}`,
    `patch secrets/patchline-webhook-path ${own}`,
    `patch leases/patchline-authority ${own}`,
    'patch mutatingwebhookconfigurations/patchline',
    'watch validatingwebhookconfigurations/patchline',
  ])
    t.equal(await may(what), 'yes', what)
  for (const what of [
    'delete certificatesigningrequests',
    'update certificatesigningrequests',
    `create secrets ${own}`,
    `list secrets ${own}`,
    `get secrets/patchline-channels ${own}`,
    `delete secrets/patchline-authority ${own}`,
    'get secrets -n default',
    `patch leases/patchline-audit ${own}`,
    'patch mutatingwebhookconfigurations/other',
    'list mutatingwebhookconfigurations',
    'create validatingwebhookconfigurations',
    'delete validatingwebhookconfigurations/patchline',
  ])
    t.equal(await may(what), 'no', what)
})

await t.test('a replica that ends gives the lease back, and the other one signs', async t => {
  const [first] = service.replicas.splice(0, 1)
  await first?.stop()
  const later = await start()
  service.replicas.push(later)
  await until('the new one is ready', async () => later.isReady(), 120_000)
  const probe = 'create deployment web --image=nginx:1.25.1 --dry-run=server -n shop'
  t.equal((await run(probe)).code, 0)
})
