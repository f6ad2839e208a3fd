import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { entry as main } from '../support/program/entry.ts'
import { execute } from '../support/program/execute.ts'
import { startAudit, type LocalAudit } from '../support/program/local-audit.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { slackServer } from '../support/channels/slack-server.ts'
import { toolPath } from '../support/program/tool-path.ts'
import { applyRights, ownNamespace, serviceAccountConfig } from './audit-rights.ts'
import { startControlPlane } from './control-plane.ts'
import { policyReportDefinition } from './report-definitions.ts'
import { must, toolsFor, until } from './tools.ts'

// The whole of it, as its Deployment runs it: processes with the rights of the manifests, a registry, and Slack.
const folder = t.testdir()
const nginx = ['1.25.1', '1.25.2', '1.25.3', '1.25.4', '1.25.5', '1.26.0', 'latest']
const registry = await startMemoryRegistry({
  repositories: { 'library/nginx': nginx, 'library/busybox': ['1.36.0', '1.36.1'] },
})
t.teardown(() => registry.close())
const slack = await slackServer(t)
const cluster = await startControlPlane()
t.teardown(() => cluster.close())

const tools = toolsFor(cluster)
const run = tools.kubectl
const get = async (what: string) => parse((await must(run(`get ${what} -o json`))).stdout)

await applyRights(cluster)
await tools.create(JSON.stringify(policyReportDefinition))
await until('the reports', async () => (await run('get policyreports.wgpolicyk8s.io')).code === 0)
for (const name of ['shop', 'strange']) await tools.namespace(name)
const kubeconfig = join(folder, 'audit.kubeconfig')
writeFileSync(kubeconfig, await serviceAccountConfig(cluster))

const configuration = (more = '') => `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true, limits: { requestsPerSecond: 100 } }]
catalog: { refreshAfterMinutes: 0.01, staleAfterHours: 0.0005 }
kubernetes: { kubeconfig: ${kubeconfig} }
audit: { intervalMinutes: 0.02 }
${more}`

const notifying = configuration(`
notifications:
  cluster: test
  channels: [{ name: team, kind: slack, urlFrom: { environment: SLACK_URL }, insecure: true }]
  routes: [{ name: all, channels: [team] }]
`)

const all: LocalAudit[] = []
async function start(): Promise<LocalAudit> {
  const directory = join(folder, `audit-${all.length + 1}`)
  mkdirSync(directory)
  const audit = await startAudit({
    directory,
    configuration: notifying,
    environment: { SLACK_URL: slack.url },
  })
  all.push(audit)
  t.teardown(() => audit.kill())
  return audit
}

// Events are written beside the messages.
const describes = async (wanted: RegExp): Promise<boolean> =>
  wanted.test((await must(run('describe deployment web -n shop'))).stdout)

const messages = (): readonly string[] => slack.received.map(({ body }) => body)
const deployment = (name: string, image: string, own: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'shop',
      annotations: Object.fromEntries(
        Object.entries(own).map(([key, value]) => [`patchline.dev/${key}`, value]),
      ),
    },
    spec: {
      selector: { matchLabels: { app: name } },
      // Pods never become ready here: any other rollout would keep the old ones for ever.
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image }] },
      },
    },
  })

/** What people read of a message. */
function textOf(body: string): string {
  const { text, blocks } = JSON.parse(body)
  return [text, ...blocks.map((block: { text: { text: string } }) => block.text.text)].join('\n')
}

const cyclesOf = (audit: LocalAudit): number => audit.log().filter(({ msg }) => msg === 'audited').length

/** Until whole cycles have passed, so that what they had to say is said. */
async function cycles(audit: LocalAudit, count = 3): Promise<void> {
  const before = cyclesOf(audit)
  await until(`${count} cycles`, async () => cyclesOf(audit) >= before + count)
}

const series = async (audit: LocalAudit, name: string, ...labels: readonly string[]) =>
  [...(await audit.metrics())].filter(
    ([sample]) => sample.startsWith(`${name}{`) && labels.every(label => sample.includes(label)),
  )

const rowOf = async (audit: LocalAudit, name: string) =>
  (await audit.drift(`namespace=shop&workload=Deployment/${name}`))?.[0]

const reportOf = async (name: string) => {
  const { items } = await get('policyreports -n shop')
  return items.find((one: { scope: { name: string } }) => one.scope.name === name)
}

let audit = await start()

await t.test('what is outdated is told everywhere', async t => {
  await must(run('apply -f -', deployment('web', 'nginx:1.25.1')))
  await until('the message', async () => messages().some(body => body.includes('deployment/web')))
  await cycles(audit)
  const about = messages().filter(body => body.includes('deployment/web'))
  t.equal(about.length, 1)
  t.match(about[0], 'kubectl -n shop set image deployment/web main=nginx:1.25.5')
  t.strictSame(await series(audit, 'patchline_image_patches_behind', 'namespace="shop"', 'workload="web"'), [
    [
      'patchline_image_patches_behind{namespace="shop",workload_kind="Deployment",workload="web",container="main",registry="docker.io",repository="library/nginx"}',
      4,
    ],
  ])
  t.match(await rowOf(audit, 'web'), { verdict: 'outdated', newest: '1.25.5', behind: 4, pods: 1 })
  t.match(await reportOf('web'), {
    summary: { warn: 1, pass: 0 },
    results: [{ result: 'warn', message: 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)' }],
  })
  await until('the Event', () =>
    describes(/Normal +NewerPatchAvailable .*nginx:1\.25\.1 is 4 versions behind 1\.25\.5/),
  )
})

await t.test('a still newer tag is told once', async t => {
  const before = messages().length
  registry.setTags('library/nginx', [...nginx, '1.25.6'])
  await until('the message', async () => messages().length > before)
  await cycles(audit)
  t.equal(messages().length, before + 1)
  t.match(messages().at(-1), /\*A still newer tag\*.*deployment\/web.*1\.25\.6/)
  t.match(await reportOf('web'), { results: [{ properties: { newest: '1.25.6', behind: '5' } }] })
})

await t.test(
  'after a restart nothing is repeated, and what came meanwhile is found by the first cycle',
  async t => {
    t.equal(await audit.stop(), 0)
    const before = messages().length
    await must(run('apply -f -', deployment('box', 'busybox:1.36.0')))
    audit = await start()
    await until('a cycle', async () => cyclesOf(audit) > 0)
    await until('the message', async () => messages().length > before)
    t.match(
      audit.log().find(({ msg }) => msg === 'audited'),
      { complete: true },
    )
    await cycles(audit)
    t.equal(messages().length, before + 1)
    t.match(messages().at(-1), 'deployment/box')
    t.notMatch(messages().at(-1), 'deployment/web')
  },
)

await t.test('the command of the message resolves it', async t => {
  const [command = ''] =
    /kubectl -n shop set image deployment\/web [^`\\"]+/.exec(messages().join('\n')) ?? []
  const newer = command.replace('1.25.5', '1.25.6')
  const before = messages().length
  const environment = { KUBECONFIG: cluster.kubeconfig }
  const path = join(toolPath('kubectl'), '..')
  const outcome = await execute('sh', ['-c', newer], {
    environment: { ...environment, PATH: `${path}:${process.env['PATH'] ?? ''}` },
  })
  t.equal(outcome.code, 0, outcome.stderr)
  await until('the message', async () => messages().length > before)
  await cycles(audit)
  t.equal(messages().length, before + 1)
  t.match(messages().at(-1), /\*Resolved\*.*deployment\/web/)
  t.strictSame(await series(audit, 'patchline_image_info', 'workload="web"', 'current="1.25.1"'), [])
  t.match(await series(audit, 'patchline_image_patches_behind', 'workload="web"'), [[String, 0]])
  t.match(await rowOf(audit, 'web'), { verdict: 'current' })
  t.match(await reportOf('web'), { summary: { warn: 0, pass: 1 }, results: [{ result: 'pass' }] })
  await until('the Event', () => describes(/Normal +PatchResolved .*is resolved: now nginx:1\.25\.6/))
})

await t.test('what goes away takes its series and its report along', async t => {
  const before = messages().length
  await must(run('delete deployment box -n shop --cascade=foreground'))
  await until('the message', async () => messages().length > before)
  t.match(messages().at(-1), /\*Removed\*.*deployment\/box/)
  t.notMatch(messages().at(-1), 'Resolved')
  await until(
    'no series',
    async () => (await series(audit, 'patchline_image_info', 'workload="box"')).length === 0,
  )
  await until('no report', async () => (await reportOf('box')) === undefined)
})

await t.test('annotations keep messages back, and nothing else', async t => {
  const before = messages().length
  await must(
    run('apply -f -', deployment('late', 'busybox:1.36.0', { 'snooze-until': '2100-01-01T00:00:00Z' })),
  )
  await must(run('apply -f -', deployment('never', 'busybox:1.36.0', { skip: '1.36.1' })))
  for (const name of ['late', 'never'])
    await until(name, async () => (await rowOf(audit, name))?.verdict === 'outdated')
  await cycles(audit)
  t.equal(messages().length, before)
  await must(run('annotate deployment late -n shop --overwrite patchline.dev/snooze-until=2020-01-01'))
  await until('the message', async () => messages().length > before)
  await cycles(audit)
  t.equal(messages().length, before + 1)
  t.match(messages().at(-1), 'deployment/late')
  t.notMatch(messages().at(-1), 'deployment/never')
})

await t.test('a namespace may be left out', async t => {
  const before = messages().length
  await must(run('label namespace shop patchline.dev/mode=off'))
  await until('exempt', async () => (await rowOf(audit, 'never'))?.verdict === 'exempt')
  const detail = 'namespace shop has the label patchline.dev/mode=off'
  t.match(await rowOf(audit, 'never'), { reason: 'namespace-off', newest: null, detail })
  await until('the message', async () => messages().length > before)
  t.match(messages().at(-1), /\*Resolved\*.*deployment\/late/)
  await must(run('label namespace shop patchline.dev/mode-'))
  await until('judged', async () => (await rowOf(audit, 'never'))?.verdict === 'outdated')
  await must(run('delete deployment late never -n shop'))
  await until('they are gone', async () => (await rowOf(audit, 'late')) === undefined)
  await cycles(audit)
})

await t.test('a tag that does not exist is told, and what is mistyped is named', async t => {
  await must(run('apply -f -', deployment('slip', 'nginx:1.25.1111')))
  await must(run('annotate deployment slip -n shop patchline.dev/strategy=minro'))
  await until('its row', async () => (await rowOf(audit, 'slip'))?.reason === 'not-listed')
  await until('its report', async () => (await reportOf('slip'))?.summary?.warn === 1)
  const [result] = (await reportOf('slip')).results
  t.equal(result.message, 'nginx:1.25.1111 is not in its registry (line 1.25)')
  const ignored =
    'Deployment shop/slip: annotation patchline.dev/strategy=minro is none of rebuild, patch, minor, major: it is ignored'
  await until('it is named', async () => (await audit.summary())?.ignored.includes(ignored) === true)
  await must(run('delete deployment slip -n shop'))
  await until('it is gone', async () => (await rowOf(audit, 'slip')) === undefined)
  await cycles(audit)
})

await t.test('a tag that has moved on is a finding where that is asked for', async t => {
  const before = messages().length
  await must(run('apply -f -', deployment('moving', 'nginx:latest')))
  await until('its pod', async () => (await get('pods -n shop -l app=moving')).items.length === 1)
  const [pod] = (await get('pods -n shop -l app=moving')).items
  const imageID = `docker.io/library/nginx@sha256:${'a'.repeat(64)}`
  const main = { name: 'main', image: 'nginx:latest', imageID, ready: true, restartCount: 0 }
  // No kubelet is here to say so.
  const said = {
    ...pod,
    status: { ...pod.status, containerStatuses: [{ ...main, state: {}, lastState: {} }] },
  }
  const path = `/api/v1/namespaces/shop/pods/${pod.metadata.name}/status`
  await must(run(`replace --raw ${path} -f -`, JSON.stringify(said)))
  await until('it has moved', async () => (await rowOf(audit, 'moving'))?.moved === true)
  t.match(await rowOf(audit, 'moving'), { verdict: 'floating' })
  await cycles(audit)
  t.equal(messages().length, before)
  await must(run('annotate deployment moving -n shop patchline.dev/moved-tags=finding'))
  await until('the message', async () => messages().length > before)
  t.match(await rowOf(audit, 'moving'), { verdict: 'outdated', newest: null, behind: 1, moved: true })
  t.match(messages().at(-1), 'deployment/moving')
  await must(run('delete deployment moving -n shop'))
  await until('it is resolved', async () => messages().length > before + 1)
})

await t.test('objects that cannot be judged end no cycle', async t => {
  const before = messages().length
  const strange = [
    { name: 'a', image: '../../etc/passwd', annotations: { 'patchline.dev/snooze-until': 'next week' } },
    { name: 'b', image: `x/${'y'.repeat(5_000)}:1` },
    { name: 'c', image: 'nginx:1.25.1@sha256:beef', annotations: { 'patchline.dev/strategy': '{}' } },
    { name: 'd', image: '\u202e\u001b[31mnginx:1.25.1\u0000'.replace('\u0000', '') },
    { name: 'e', image: '169.254.169.254/latest/meta-data:1.0.0' },
  ]
  for (const { name, image, annotations = {} } of strange)
    await must(
      run(
        'create -f -',
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name,
            namespace: 'strange',
            annotations,
            ownerReferences: [
              {
                apiVersion: 'x.example/v0',
                kind: '../Sn\u00f6w"man',
                name: `"}\n${name}`,
                uid: `${name}-1`,
                controller: true,
              },
            ],
          },
          spec: { containers: [{ name: 'main', image }] },
        }),
      ),
    )
  await cycles(audit)
  const summary = await audit.summary()
  t.equal(summary?.complete, true)
  const counts = Object.values(summary?.namespaces['strange'] ?? {})
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    strange.length,
  )
  t.match(await rowOf(audit, 'web'), { verdict: 'current' }, 'the others are judged as before')
  await must(run('delete pods --all -n strange'))
  await until('they are gone', async () => (await audit.summary())?.namespaces['strange'] === undefined)
  await cycles(audit)
  const told = messages().slice(before).map(textOf).join('\n')
  t.match(told, /is not a reference/)
  for (const moving of ['\u001b', '\u202e']) t.notOk(told.includes(moving), 'no text moves a cursor')
})

await t.test('while the registry is down, data ages and nothing is resolved', async t => {
  await must(run('apply -f -', deployment('old', 'nginx:1.25.1')))
  await until('its message', async () => messages().some(body => body.includes('deployment/old')))
  const before = messages().length
  registry.misbehave(() => ({ status: 503 }))
  await until('stale data', async () => (await rowOf(audit, 'old'))?.stale === true)
  // To the second: both are told by the milliseconds that have passed.
  const checkedAt = async () => Math.round(Date.parse((await rowOf(audit, 'old'))?.checkedAt ?? '') / 1000)
  const wasAsOf = await checkedAt()
  await cycles(audit)
  t.ok(Math.abs((await checkedAt()) - wasAsOf) <= 1)
  t.match(await rowOf(audit, 'old'), { verdict: 'outdated', newest: '1.25.6' })
  t.match(await reportOf('old'), { summary: { warn: 1 } })
  t.equal(messages().length, before)
  t.not((await audit.summary())?.overdue ?? 0, 0, 'the summary says that its lists are old')
})

await t.test('a leader that is killed is replaced within 17 seconds, and repeats nothing', async t => {
  const next = await start()
  await until('the second one', async () => next.log().some(({ msg }) => msg === 'auditing'))
  await cycles(audit)
  t.equal((await next.metrics()).get('patchline_leader'), 0)
  t.equal(await next.drift(), undefined, 'who does not lead has no report')
  const before = messages().length
  // The other one sees it with its own eyes, and all is as it was told.
  registry.misbehave(undefined)
  const killed = Date.now()
  await audit.kill()
  await until('the other leader', async () => next.log().some(({ msg }) => msg === 'leading'))
  const leading = next.log().find(({ msg }) => msg === 'leading')
  const took = Date.parse(String(leading?.['time'])) - killed
  t.ok(took <= 17_000, `${took} ms`)
  await cycles(next)
  t.equal(messages().length, before)
  t.match(await rowOf(next, 'old'), { verdict: 'outdated', newest: '1.25.6' })
  audit = next
})

await t.test('one look by a person who has nothing installed', async t => {
  const file = join(folder, 'once.yaml')
  writeFileSync(file, configuration())
  const once = (args: string, config = cluster.kubeconfig) =>
    execute(process.execPath, [
      main,
      'audit',
      '--once',
      '-c',
      file,
      '--kubeconfig',
      config,
      ...args.split(' '),
    ])
  const summary = '2 containers: 1 outdated, 1 current\n'
  const table = await once('-n shop')
  t.equal(table.code, 2)
  t.match(table.stdout, /^outdated +nginx:1\.25\.1 +1\.25\.6 +5 +shop\/deployment\/old \(main\)$/m)
  t.equal(table.stderr, summary, 'progress is for a terminal')
  const rows = (await once('-n shop -o json --only current')).stdout.trimEnd().split('\n')
  t.match(
    rows.map(row => parse(row)),
    [{ workload: { name: 'web' }, verdict: 'current' }],
  )
  const nothing = await once('-n strange -o csv')
  t.match(nothing, {
    code: 0,
    stdout: /^namespace,kind,.*\r\n$/,
    stderr: 'patchline: found nothing that runs an image\n',
  })
  t.match(await once('-n shpo'), { code: 1, stdout: '', stderr: /there is no namespace "shpo"/ })
  t.match(await once('--context none'), {
    code: 1,
    stderr: /there is no context "none"; kubectl config get-contexts lists them/,
  })

  const poor = join(folder, 'poor.kubeconfig')
  writeFileSync(poor, await serviceAccountConfig(cluster, { namespace: 'shop', name: 'default' }))
  const refused = await once('-n shop', poor)
  t.match(refused, {
    code: 3,
    stdout: /^VERDICT .*\n$/,
    stderr:
      /may not list .*deployments.* in shop; an administrator allows it by: kubectl create clusterrole .*deployments\.apps/,
  })
  // What docs/audit.md says is enough for one namespace.
  const kinds = 'pods,podtemplates,replicationcontrollers,deployments.apps,statefulsets.apps,daemonsets.apps'
  const more = 'replicasets.apps,jobs.batch,cronjobs.batch,patchexceptions.patchline.dev'
  await must(run(`create role look -n shop --verb=list,watch --resource=${kinds},${more}`))
  await must(run('create rolebinding look -n shop --role=look --serviceaccount=shop:default'))
  for (const [kind, name, what] of [
    ['clusterrole', 'look', '--verb=list,watch --resource=namespaces --resource-name=shop'],
    ['clusterrolebinding', 'look', '--clusterrole=look --serviceaccount=shop:default'],
    ['clusterrole', 'policies', '--verb=list,watch --resource=patchpolicies.patchline.dev'],
    ['clusterrolebinding', 'policies', '--clusterrole=policies --serviceaccount=shop:default'],
  ] as const) {
    await must(run(`create ${kind} ${name} ${what}`))
    cluster.removeAtEnd([kind, name])
  }
  await until('the rights', async () => (await once('-n shop', poor)).stderr === summary)
  t.match(await once('-n shop', poor), { code: 2, stdout: table.stdout, stderr: summary })
})

await t.test('SIGTERM gives the lease back', async t => {
  t.equal(await audit.stop(), 0)
  t.equal((await get(`lease patchline-audit -n ${ownNamespace}`)).spec.holderIdentity, '')
})

await t.test('the rights of the manifests were enough', t => {
  const lines = all.flatMap(one => one.log())
  t.strictSame(
    lines.filter(line => line.level === 'error' || /\b403\b/.test(JSON.stringify(line))),
    [],
  )
  t.end()
})
