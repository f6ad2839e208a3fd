import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { certsPatch } from './certs-patch.ts'
import { startControlPlane } from './control-plane.ts'
import { argumentsFor, must, toolsFor } from './tools.ts'

const cluster = await startControlPlane()
t.teardown(() => cluster.close())

const { kubectl: run, namespace } = toolsFor(cluster)
const rendered = await must(run(`kustomize ${join(import.meta.dirname, '../../manifests')}`))
const text = rendered.stdout
const there = (await must(run('get -f - --ignore-not-found -o name', text))).stdout
if (there !== '') throw new Error(`this test wants a cluster without Patchline, but there is ${there}`)
for (const document of parseAllDocuments(text)) cluster.removeAtEnd(argumentsFor(document.toJS()))

const certs = (wait = '0') => certsPatch(cluster, '--wait', wait)

const may = async (what: string): Promise<string> =>
  (await run(`auth can-i ${what} --as=system:serviceaccount:patchline-system:patchline`)).stdout.trim()

await t.test('before the manifests are there, certs --patch says what is missing', async t => {
  const { code, err } = await certs()
  t.equal(code, 1)
  t.equal(
    err,
    'patchline: patch the CA bundle: there is no webhook configuration named patchline; apply the manifests first: kubectl apply -k manifests\n',
  )
})

await t.test('the overlay of docs/notifications.md gives the audit its secrets', async t => {
  const root = join(import.meta.dirname, '../..')
  const page = readFileSync(join(root, 'docs/notifications.md'), 'utf8')
  const overlay = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
    .map(([, block = '']) => block)
    .find(block => block.includes('kind: Kustomization'))
  const folder = t.testdir()
  const manifests = relative(folder, join(root, 'manifests'))
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    overlay?.replace('resources: [manifests]', `resources: ['${manifests}']`) ?? '',
  )
  const objects = parseAllDocuments((await must(run(`kustomize ${folder}`))).stdout).map(one => one.toJS())
  t.equal(objects.length, parseAllDocuments(text).length, 'with all manifests')
  const audit = objects.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'patchline-audit',
  )
  // Into a namespace that is there: its own comes with the manifests.
  const moved = { ...audit, metadata: { ...audit.metadata, namespace: 'default' } }
  const made = await must(run('create --dry-run=server -o json -f -', JSON.stringify(moved)))
  const { containers, volumes } = JSON.parse(made.stdout).spec.template.spec
  t.match(containers[0].env.at(-1), {
    name: 'SLACK_URL',
    valueFrom: { secretKeyRef: { name: 'patchline-channels', key: 'slack-url' } },
  })
  t.match(containers[0].volumeMounts.at(-1), { name: 'channels', mountPath: '/etc/patchline/secrets' })
  t.match(volumes.at(-1), { name: 'channels', secret: { secretName: 'patchline-channels' } })
  t.match(page, 'passwordFrom: { file: /etc/patchline/secrets/mail }')
})

await t.test('the manifests are accepted whole, twice', async t => {
  const first = await run('apply -f -', text)
  t.equal(first.code, 0, first.stderr)
  const second = await must(run('apply -f -', text))
  // kubectl says "configured" of each object that it sends a patch for. The API's schema has the selector of a budget
  // replaced as a whole, so kubectl sends it every time; the API server finds nothing to write.
  const said = second.stdout.split('\n').filter(line => line !== '' && !line.endsWith(' unchanged'))
  t.strictSame(said, ['poddisruptionbudget.policy/patchline configured'])
  t.equal((await run('diff -f -', text)).code, 0, 'nothing changes the second time')
})

await t.test(
  'certs --patch makes the Secret and the bundle, and again without losing the old authority',
  async t => {
    const bundles: string[] = []
    for (const attempt of [1, 2]) {
      const { code, out, err } = await certs('1')
      t.equal(code, 0, err)
      t.equal(
        out,
        [
          'validatingwebhookconfigurations/patchline: caBundle patched\n',
          'mutatingwebhookconfigurations/patchline: caBundle patched\n',
          // Nothing serves before there is a pair.
          attempt === 1 ? '' : 'waiting 1 s until every API server trusts the new authority\n',
          'secret patchline-system/patchline-tls applied\n',
          `validatingwebhookconfigurations/patchline: path ${attempt === 1 ? 'patched' : 'unchanged'}\n`,
          `mutatingwebhookconfigurations/patchline: path ${attempt === 1 ? 'patched' : 'unchanged'}\n`,
        ].join(''),
      )
      const path = '-o jsonpath={.webhooks[0].clientConfig.caBundle}'
      const { stdout } = await must(run(`get validatingwebhookconfiguration patchline ${path}`))
      bundles.push(Buffer.from(stdout, 'base64').toString('utf8'))
      t.equal(bundles.at(-1)?.match(/BEGIN CERTIFICATE/g)?.length, attempt, `${attempt} in the bundle`)
    }
    t.ok(bundles[1]?.includes(bundles[0]?.trim() ?? '?'), 'the first authority is still trusted')
    const type = await must(run('get secret patchline-tls -n patchline-system -o jsonpath={.type}'))
    t.equal(type.stdout, 'kubernetes.io/tls')
  },
)

const pathIn = async (resource: string): Promise<string> =>
  (await must(run(`get ${resource} patchline -o jsonpath={.webhooks[0].clientConfig.service.path}`))).stdout

await t.test('the secret path outlives another apply, and an upgrade from the bare one', async t => {
  const resources = ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration'] as const
  const before = await Promise.all(resources.map(pathIn))
  t.match(before, [/^\/validate\/[0-9a-f]{64}$/, /^\/mutate\/[0-9a-f]{64}$/])
  await must(run('apply -f -', text))
  t.strictSame(await Promise.all(resources.map(pathIn)), before)
  const older = parseAllDocuments(text)
    .map(document => {
      const at = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].indexOf(
        String(document.get('kind')),
      )
      if (at >= 0)
        document.setIn(['webhooks', 0, 'clientConfig', 'service', 'path'], ['/validate', '/mutate'][at])
      return document.toString({ directives: false })
    })
    .join('---\n')
  await must(run('apply -f -', older))
  t.strictSame(await Promise.all(resources.map(pathIn)), ['/validate', '/mutate'], 'the version before')
  await must(run('apply -f -', text))
  t.strictSame(await Promise.all(resources.map(pathIn)), ['', ''])
  t.equal((await certs()).code, 0)
  t.strictSame(await Promise.all(resources.map(pathIn)), before, 'and is the one that replicas know')
})

await t.test('with nobody behind the service, everything applies', async t => {
  await namespace('unanswered')
  const outcome = await run('create deployment web --image=nginx:1.25.1 -n unanswered')
  t.equal(outcome.code, 0, outcome.stderr)
})

await t.test('its rights are the labels of namespaces, policies, what runs already, and no more', async t => {
  for (const what of [
    'get namespaces',
    'list namespaces',
    'watch namespaces',
    'list pods -A',
    'get cronjobs -A',
    // For what a policy or a label would refuse.
    'list deployments -A',
    'list cronjobs -A',
    'list patchpolicies',
    'watch patchexceptions -A',
  ])
    t.equal(await may(what), 'yes', what)
  for (const what of [
    'get secrets -A',
    'get serviceaccounts -A',
    'get serviceaccounts -n default',
    'watch pods -A',
    'list replicasets -A',
    'watch deployments -A',
    'patch patchpolicies',
    'patch patchpolicies --subresource=status',
    'create pods -n default',
    'patch deployments -n default',
    'patch validatingwebhookconfigurations',
    'update namespaces',
  ])
    t.equal(await may(what), 'no', what)
})

await t.test(
  'a RoleBinding of a namespace lets it read pull secrets and who names them, there alone',
  async t => {
    await namespace('bound')
    const role = '--clusterrole=patchline-pull-secret-reader --serviceaccount=patchline-system:patchline'
    await must(run(`create rolebinding patchline-pull-secrets -n bound ${role}`))
    for (const what of ['get secrets', 'get serviceaccounts']) {
      t.equal(await may(`${what} -n bound`), 'yes', what)
      t.equal(await may(`${what} -n default`), 'no', what)
    }
    t.equal(await may('list secrets -n bound'), 'no')
  },
)

await t.test('one line stops it, one removes it', async t => {
  await must(run('delete validatingwebhookconfiguration,mutatingwebhookconfiguration patchline'))
  const removed = await run('delete -f - --wait=false --ignore-not-found', text)
  t.equal(removed.code, 0, removed.stderr)
  const left = await run(
    'get clusterrole,clusterrolebinding,validatingwebhookconfiguration,mutatingwebhookconfiguration -o name',
  )
  t.notMatch(left.stdout, /patchline/)
})
