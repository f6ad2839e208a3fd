import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

const stage = await startStage()
t.teardown(() => stage.close())

const warningOf = (object: string): string =>
  `Warning: patchline: ${object}: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)`
const facts = (container: string, image: string): Record<string, unknown> => ({
  [container]: { image, verdict: 'outdated', newest: '1.25.5', behind: 4, reason: 'newer' },
})

function warningsIn(stderr: string): readonly string[] {
  return stderr.split('\n').filter(line => line.startsWith('Warning: patchline'))
}

function images(annotations: Readonly<Record<string, string>> | undefined): unknown {
  return JSON.parse(annotations?.['patchline.dev/images'] ?? 'null')
}

function workload(
  kind: string,
  name: string,
  more: { apiVersion?: string; spec?: string; containers?: string } = {},
): string {
  const { apiVersion = 'apps/v1', spec = '', containers = '- { name: nginx, image: nginx:1.25.1 }' } = more
  return `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name} }
spec:
  ${spec}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        ${containers}
`
}

const byStrategy = (strategy: string): string =>
  workload('Deployment', `by-${strategy}`).replace(
    'metadata: { name:',
    `metadata: { annotations: { patchline.dev/strategy: ${strategy} }, name:`,
  )

const pod = (name: string, image: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { containers: [{ name: main, image: '${image}' }] }
`

await t.test('a deployment that is behind is created with the warning and the annotations', async t => {
  await stage.namespace('warned')
  const outcome = await stage.kubectl('create deployment web --image=nginx:1.25.1 -n warned')
  t.equal(outcome.code, 0)
  t.equal(outcome.stdout, 'deployment.apps/web created\n')
  t.strictSame(warningsIn(outcome.stderr), [warningOf('web')])
  const { metadata, spec } = await stage.get('deployment/web', 'warned')
  t.equal(metadata.annotations?.['patchline.dev/status'], 'outdated')
  t.strictSame(images(metadata.annotations), facts('nginx', 'nginx:1.25.1'))
  t.equal(spec.template?.metadata.annotations, undefined, 'the template is not touched')
})

await t.test('nothing is said of the newest patch, and the annotations follow', async t => {
  const outcome = await stage.kubectl('set image deployment/web nginx=nginx:1.25.5 -n warned')
  t.equal(outcome.code, 0)
  t.strictSame(warningsIn(outcome.stderr), [])
  const { metadata } = await stage.get('deployment/web', 'warned')
  t.equal(metadata.annotations?.['patchline.dev/status'], 'current')
})

await t.test('a label says nothing, a rollback does', async t => {
  t.strictSame(warningsIn((await must(stage.kubectl('label deployment/web team=a -n warned'))).stderr), [])
  const undone = await must(stage.kubectl('rollout undo deployment/web -n warned'))
  t.strictSame(warningsIn(undone.stderr), [warningOf('web')])
})

await t.test('other kinds: StatefulSet with an init container, DaemonSet, bare Pod, Job', async t => {
  const containers = `- { name: nginx, image: nginx:1.25.1 }
      initContainers:
        - { name: wait, image: busybox:1.36.0 }`
  const cases: readonly (readonly [manifest: string, warnings: readonly string[]])[] = [
    [
      workload('StatefulSet', 'sts', { spec: 'serviceName: sts', containers }),
      [
        warningOf('sts/nginx'),
        'Warning: patchline: sts/wait: busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36)',
      ],
    ],
    [workload('DaemonSet', 'ds'), [warningOf('ds')]],
    [
      pod('bare', 'mojaloop/central-ledger:v10.4.0'),
      [
        'Warning: patchline: bare: mojaloop/central-ledger:v10.4.0 is 2 versions behind v10.4.0.2-patch (line 10.4)',
      ],
    ],
    [
      `
apiVersion: batch/v1
kind: Job
metadata: { name: job }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: nginx, image: 'nginx:1.25.1' }] } } }`,
      [warningOf('job')],
    ],
    [pod('current', 'nginx:1.25.5'), []],
  ]
  for (const [manifest, warnings] of cases) {
    const outcome = await stage.kubectl('apply -n warned -f -', manifest)
    t.equal(outcome.code, 0, outcome.stderr)
    t.strictSame(warningsIn(outcome.stderr), warnings, outcome.stdout)
  }
})

await t.test('a CronJob', async t => {
  const outcome = await stage.kubectl(
    'apply -n warned -f -',
    `
apiVersion: batch/v1
kind: CronJob
metadata: { name: cron }
spec:
  schedule: '0 0 1 1 *'
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: nginx, image: 'nginx:1.25.1' }] } } } }`,
  )
  t.equal(outcome.code, 0, outcome.stderr)
  t.strictSame(warningsIn(outcome.stderr), [warningOf('cron')])
  const { metadata } = await stage.get('cronjob/cron', 'warned')
  t.strictSame(images(metadata.annotations), facts('nginx', 'nginx:1.25.1'))
})

await t.test('server-side apply warns and annotates, again and again', async t => {
  for (const attempt of [1, 2]) {
    const outcome = await stage.kubectl('apply --server-side -n warned -f -', workload('Deployment', 'ssa'))
    t.equal(outcome.code, 0, outcome.stderr)
    t.strictSame(warningsIn(outcome.stderr), attempt === 1 ? [warningOf('ssa')] : [], `attempt ${attempt}`)
    const { metadata, spec } = await stage.get('deployment/ssa', 'warned')
    t.equal(metadata.annotations?.['patchline.dev/status'], 'outdated')
    t.equal(spec.template?.metadata.annotations, undefined)
  }
})

await t.test('a dry run is told the same and leaves nothing', async t => {
  const outcome = await stage.kubectl('create deployment dry --image=nginx:1.25.1 --dry-run=server -n warned')
  t.strictSame(warningsIn(outcome.stderr), [warningOf('dry')])
  t.equal((await stage.kubectl('get deployment dry -n warned')).code, 1)
})

await t.test('enforce refuses what a request brings in, and says how to get through', async t => {
  await stage.namespace('enforced', 'enforce')
  const refused = await stage.kubectl('create deployment web --image=nginx:1.25.1 -n enforced')
  t.equal(refused.code, 1)
  t.match(
    refused.stderr,
    'admission webhook "validate.patchline.dev" denied the request: Deployment web: container nginx: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25). Use nginx:1.25.5. To keep it on purpose, annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace "enforced" labelled patchline.dev/mode=warn.',
  )
  t.equal((await stage.kubectl('get deployment web -n enforced')).code, 1, 'nothing was created')
  t.equal((await stage.kubectl('run bare --image=nginx:1.25.1 -n enforced')).code, 1, 'a bare pod neither')
  await must(stage.kubectl('create deployment web --image=nginx:1.25.5 -n enforced'))
  const back = await stage.kubectl('set image deployment/web nginx=nginx:1.25.2 -n enforced')
  t.equal(back.code, 1)
  t.match(back.stderr, 'nginx:1.25.2 is 3 versions behind 1.25.5')
})

await t.test('a forged owner does not get through', async t => {
  const [{ metadata } = { metadata: { name: '', uid: '' } }] = (
    await stage.get('replicaset -l app=web', 'enforced')
  ).items
  const owner = `{ apiVersion: apps/v1, kind: ReplicaSet, name: ${metadata.name}, uid: ${metadata.uid}, controller: true }`
  const forged = pod('forged', 'nginx:1.25.1').replace(
    'name: forged',
    `name: forged, ownerReferences: [${owner}]`,
  )
  const outcome = await stage.kubectl('apply -n enforced -f -', forged)
  t.equal(outcome.code, 1)
  t.match(outcome.stderr, 'denied the request')
})

await t.test('under enforce a cluster heals and scales, whatever its images', async t => {
  await stage.namespace('healing')
  await must(stage.kubectl('create deployment old --image=nginx:1.25.1 -n healing'))
  const pods = async (): Promise<readonly string[]> =>
    (await stage.get('pods -l app=old', 'healing')).items.map(({ metadata }) => metadata.name)
  await until('first pod', async () => (await pods()).length === 1)
  await must(stage.kubectl('label namespace healing patchline.dev/mode=enforce'))
  await until(
    'enforcement',
    async () =>
      (await stage.kubectl('run probe --image=nginx:1.25.1 -n healing --dry-run=server')).code === 1,
  )

  await must(stage.kubectl('scale deployment/old --replicas=4 -n healing'))
  await until('scaled up', async () => (await pods()).length === 4)
  const [first = ''] = await pods()
  await must(stage.kubectl(`delete pod ${first} -n healing --wait=false --force`))
  await until('replaced', async () => {
    const now = await pods()
    return now.length === 4 && !now.includes(first)
  })
  await must(stage.kubectl('annotate deployment/old note=kept -n healing'))
  await must(stage.kubectl('rollout restart deployment/old -n healing'))
  await until(
    'a second replica set',
    async () => (await stage.get('replicasets -l app=old', 'healing')).items.length === 2,
  )
  const { stdout } = await must(stage.kubectl('get events -n healing -o jsonpath={.items[*].message}'))
  t.notMatch(stdout, /denied the request/, 'no controller was ever refused')
})

await t.test('the strategy annotation, and a mistyped one', async t => {
  const minor = await must(stage.kubectl('apply -n warned -f -', byStrategy('minor')))
  t.strictSame(warningsIn(minor.stderr), [
    'Warning: patchline: by-minor: nginx:1.25.1 is 5 versions behind 1.26.0 (line 1)',
  ])
  const typo = await must(stage.kubectl('apply -n warned -f -', byStrategy('minro')))
  t.strictSame(warningsIn(typo.stderr), [
    'Warning: patchline: annotation patchline.dev/strategy=minro is none of rebuild, patch, minor, major: it is ignored',
    warningOf('by-minro'),
  ])
})

await t.test('helm upgrade --install of a chart shows the warning, and is refused under enforce', async t => {
  const chart = t.testdir()
  await mkdir(join(chart, 'templates'))
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 0.1.0\n')
  await writeFile(join(chart, 'values.yaml'), 'tag: 1.25.1\n')
  await writeFile(
    join(chart, 'templates/web.yaml'),
    workload('Deployment', 'shop', { containers: '- { name: nginx, image: "nginx:{{ .Values.tag }}" }' }),
  )
  const installed = await stage.helm(['upgrade', '--install', 'shop', chart, '-n', 'warned'])
  t.equal(installed.code, 0, installed.stderr)
  t.match(installed.stderr, 'patchline: shop: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)')
  const upgraded = await stage.helm([
    'upgrade',
    '--install',
    'shop',
    chart,
    '-n',
    'warned',
    '--set',
    'tag=1.25.5',
  ])
  t.equal(upgraded.code, 0, upgraded.stderr)
  t.notMatch(upgraded.stderr, 'patchline')
  const refused = await stage.helm(['upgrade', '--install', 'shop', chart, '-n', 'enforced'])
  t.equal(refused.code, 1)
  t.match(
    refused.stderr,
    'denied the request: Deployment shop: container nginx: nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)',
  )
})

await t.test('with Patchline gone everything applies', async t => {
  await stage.stopPatchline()
  const outcome = await stage.kubectl('create deployment later --image=nginx:1.25.1 -n enforced')
  t.equal(outcome.code, 0, outcome.stderr)
  t.strictSame(warningsIn(outcome.stderr), [])
})
