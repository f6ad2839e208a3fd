import t from 'tap'
import { memoryRegistry } from '../../support/registry/registry-fixture.ts'
import { run } from '../run.ts'

const policies = `apiVersion: patchline.dev/v1alpha1
kind: PatchPolicy
metadata: { name: strict }
spec:
  priority: 5
  match: { namespaceSelector: { matchLabels: { env: prod } } }
  mode: enforce
  exceptions: { namespaceSelector: {}, longest: 30000d }
---
apiVersion: patchline.dev/v1alpha1
kind: PatchException
metadata: { name: later, namespace: shop, creationTimestamp: '2026-01-01T00:00:00Z' }
spec:
  images: ['**/app']
  containers: [side]
  until: '2090-01-01T00:00:00Z'
  owner: team-shop
  reason: the client breaks
`
const workload = (host: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - { name: web, image: '${host}/team/app:1.0.0' }
        - { name: side, image: '${host}/team/app:1.0.0' }
`
const offline = ['--policy', 'p.yaml', '--namespace-labels', 'env=prod'] as const

t.test('a workload of a file, by policies of a file', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': ['1.0.0', '1.0.1', '1.0.2'] } })
  const files = { 'p.yaml': policies, 'w.yaml': workload(registry.host) }
  const asked = ['explain', '-f', 'w.yaml', '-n', 'shop', ...offline, '--insecure-registry', registry.host]
  const { code, out, err } = await run(asked, files)
  t.equal(err, '')
  t.equal(code, 0)
  t.equal(
    out,
    `Deployment shop/web, container web: ${registry.host}/team/app:1.0.0
  configuration                    mode warn, strategy patch
  PatchPolicy/strict (priority 5)  decides
  mode                             enforce (PatchPolicy/strict)
  strategy                         patch (configuration)
  verdict                          outdated: 2 versions behind 1.0.2
  outcome                          refused: outdated

Deployment shop/web, container side: ${registry.host}/team/app:1.0.0
  configuration                    mode warn, strategy patch
  PatchPolicy/strict (priority 5)  decides
  mode                             enforce (PatchPolicy/strict)
  strategy                         patch (configuration)
  exception later                  active, until 2090-01-01T00:00Z, team-shop: the client breaks
  verdict                          outdated: 2 versions behind 1.0.2
  outcome                          nothing is done, else refused: exception later until 2090-01-01T00:00Z
`,
  )
  const json = await run([...asked, '-o', 'json'], files)
  t.match(JSON.parse(json.out.split('\n')[0] ?? ''), {
    workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    container: 'web',
    mode: 'enforce',
    policy: 'strict',
    verdict: 'outdated',
    newest: '1.0.2',
    action: 'refuse',
  })
  const dev = await run(
    ['explain', '-f', 'w.yaml', '--policy', 'p.yaml', '--insecure-registry', registry.host],
    files,
  )
  t.match(dev.out, /PatchPolicy\/strict \(priority 5\) +does not match: its namespaceSelector/)
  t.match(dev.out, /outcome +warned about: outdated/)
})

t.test('policies of the configuration file, without a cluster', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': ['1.0.0', '1.0.1', '1.1.0'] } })
  const config = `registries: [{ host: '${registry.host}', insecure: true }]
kubernetes: { policies: off }
policies:
  - name: production
    spec: { match: { namespaceSelector: { matchLabels: { env: prod } } }, mode: enforce, strategy: minor, range: <1.1 }`
  const files = { 'w.yaml': workload(registry.host), 'c.yaml': config, 'p.yaml': policies }
  const asked = ['explain', '-f', 'w.yaml', '-n', 'shop', '-c', 'c.yaml', '--namespace-labels', 'env=prod']
  const { code, out, err } = await run(asked, files)
  t.equal(err, '')
  t.equal(code, 0)
  t.equal(
    out.split('\n\n')[0],
    `Deployment shop/web, container web: ${registry.host}/team/app:1.0.0
  configuration                 mode warn, strategy patch
  file/production (priority 0)  decides
  mode                          enforce (file/production)
  strategy                      minor (file/production)
  offers                        only versions in its range
  verdict                       outdated: 1 version behind 1.0.1
  outcome                       refused: outdated`,
  )
  const both = await run([...asked, '--policy', 'p.yaml'], files)
  t.match(both.out, /PatchPolicy\/strict \(priority 5\) +decides\n +policies +1 more policy is not asked/)
})

t.test('custom kinds of a file, those of the configuration too', async t => {
  const registry = await memoryRegistry(t, { repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
  const custom = (apiVersion: string, kind: string) =>
    workload(registry.host).replace('apps/v1', apiVersion).replace('Deployment', kind)
  const files = {
    'p.yaml': policies,
    'w.yaml': `${custom('argoproj.io/v1alpha1', 'Rollout')}---\n${custom('example.com/v1', 'Proxy')}`,
    'c.yaml': 'workloads: [{ group: example.com, kind: Proxy, podTemplate: spec.template }]\n',
  }
  const asked = ['explain', '-f', 'w.yaml', '-n', 'shop', ...offline, '--insecure-registry', registry.host]
  const named = async (...more: readonly string[]) =>
    (await run([...asked, ...more], files)).out.match(/^\S+ shop\/web, container web/gm)
  t.strictSame(await named(), ['Rollout shop/web, container web'])
  const both = ['Rollout shop/web, container web', 'Proxy shop/web, container web']
  t.strictSame(await named('-c', 'c.yaml', '--registry', registry.host), both)
})

t.test('what makes no sense is said', async t => {
  const rows: [args: string[], files: Record<string, string>, message: string][] = [
    [[], {}, 'name a workload of the cluster (deployment/web), or -f FILE'],
    [['deployment/web', '-f', 'w.yaml'], {}, 'name a workload of the cluster (deployment/web), or -f FILE'],
    [
      ['web'],
      {},
      '"web" names no workload; write deployment/web, a custom kind with its group (rollouts.argoproj.io/web), or -f FILE',
    ],
    [
      ['service/web'],
      {},
      '"service/web" names no workload; write deployment/web, a custom kind with its group (rollouts.argoproj.io/web), or -f FILE',
    ],
    [['rollout/web'], {}, '"rollout/web" names no workload; '],
    [['deployments.example.com/web'], {}, '"deployments.example.com/web" names no workload; '],
    [['rollouts.argoproj.io/web', '--kubeconfig', '/nowhere'], {}, 'the cluster cannot be asked: '],
    [
      ['deploy/a/b'],
      {},
      '"deploy/a/b" names no workload; write deployment/web, a custom kind with its group (rollouts.argoproj.io/web), or -f FILE',
    ],
    [['-f', 'w.yaml', ...offline], {}, 'w.yaml: no such file'],
    [
      ['-f', 'w.yaml', ...offline],
      { 'w.yaml': 'kind: Service\n' },
      'w.yaml has no workload: Deployment, StatefulSet, Pod, …',
    ],
    [['-f', 'w.yaml', ...offline], { 'w.yaml': 'a: [' }, 'w.yaml is not YAML: '],
    [
      ['-f', 'w.yaml', ...offline],
      { 'w.yaml': workload('a.b'), 'p.yaml': 'kind: Pod\n' },
      'p.yaml: no PatchPolicy and no PatchException in there',
    ],
    [
      ['-f', 'w.yaml', ...offline],
      { 'w.yaml': workload('a.b'), 'p.yaml': policies.replace('enforce', 'enforced') },
      'p.yaml: PatchPolicy strict: spec.mode: must be one of off, audit, warn, enforce',
    ],
    [['-f', 'w.yaml', '--policy', 'p.yaml', '--namespace-labels', 'env'], {}, 'They are written key=value'],
    [['deploy/web', '--kubeconfig', '/nowhere'], {}, 'the cluster cannot be asked: '],
  ]
  for (const [args, files, message] of rows) {
    const { code, err } = await run(['explain', ...args], files)
    t.equal(code, 1, args.join(' '))
    t.ok(err.includes(message), `${args.join(' ')}: ${err}`)
  }
})
