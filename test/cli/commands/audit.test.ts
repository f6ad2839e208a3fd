import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand } from '../../../src/cli/index.ts'
import { answer, startApiServer } from '../../support/kubernetes/fake-api-server.ts'
import { FakeThings } from '../../support/kubernetes/fake-things.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface Surroundings {
  readonly isInteractive?: boolean
  readonly environment?: Readonly<Record<string, string>>
  readonly columns?: number
}

interface AuditSurroundings extends Surroundings {
  /** Of the configuration. */
  readonly more?: string
}

const deployments = '/apis/apps/v1/deployments'
const main = (image: string) => ({ template: { spec: { containers: [{ name: 'main', image }] } } })

/** A cluster, a registry, and `patchline audit` between them. */
async function stage(t: Test, files: Parameters<Test['testdir']>[0] = {}) {
  const registry = await startMemoryRegistry({
    repositories: { 'library/nginx': ['1.25.1', '1.25.5'], 'library/busybox': ['1.36.1'] },
  })
  t.teardown(() => registry.close())
  const things = new FakeThings()
  for (const name of ['shop', 'empty', 'new']) things.set('/api/v1/namespaces', { metadata: { name } })
  const deploy = (name: string, image: string, namespace = 'shop') =>
    things.set(deployments, { metadata: { name, namespace }, spec: main(image) })
  deploy('web', 'nginx:1.25.1')
  deploy('box', 'busybox:1.36.1', 'new')
  const server = await startApiServer((received, response) =>
    received.url.pathname === '/version'
      ? answer(200, { gitVersion: 'v1.31.0' })(received, response)
      : things.handler(received, response),
  )
  t.teardown(() => server.close())
  const kubeconfig = server.kubeconfig(t.testdir(files))
  const config = `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
`
  const audit = (args: string, { more = '', ...surroundings }: AuditSurroundings = {}) =>
    run(
      ['audit', '--once', '-c', 'c.yaml', '--kubeconfig', kubeconfig, ...words(args)],
      config + more,
      surroundings,
    )
  return { things, server, audit, deploy, kubeconfig, registry }
}

const words = (text: string): readonly string[] => text.split(' ').filter(word => word !== '')

async function run(
  args: readonly string[],
  config = '',
  { isInteractive = false, environment = {}, columns }: Surroundings = {},
): Promise<Run> {
  let out = ''
  let err = ''
  const code = await runCommand(args, {
    environment,
    isInteractive,
    columns,
    out: text => void (out += text),
    err: text => void (err += text),
    readFile: () => config,
  })
  return { code, out, err }
}

t.test('one report as a table, as lines of JSON and as CSV', async t => {
  const { audit } = await stage(t)
  t.strictSame(await audit(''), {
    code: 2,
    err: '2 containers: 1 outdated, 1 current\n',
    out: [
      'VERDICT   IMAGE           NEWEST  BEHIND  WORKLOAD                    REASON\n',
      'outdated  nginx:1.25.1    1.25.5  1       shop/deployment/web (main)\n',
      'current   busybox:1.36.1  -       -       new/deployment/box (main)\n',
    ].join(''),
  })
  t.equal(
    (await audit('-o wide -n shop')).out,
    [
      'NAMESPACE  WORKLOAD        CONTAINER  IMAGE         VERDICT   NEWEST  BEHIND  SINCE  REASON\n',
      'shop       deployment/web  main       nginx:1.25.1  outdated  1.25.5  1       -      newer\n',
    ].join(''),
  )
  const { out } = await audit('-o json --only outdated')
  t.match(JSON.parse(out), { workload: { kind: 'Deployment', name: 'web' }, newest: '1.25.5', behind: 1 })
  t.match((await audit('-o csv -n new')).out, /^namespace,.*\r\nnew,Deployment,box,.*\r\n$/)
  t.strictSame(await audit('--as-if enforce'), {
    code: 2,
    err: '2 containers: 1 outdated, 1 current\nmode enforce would refuse 1 container in 1 workload\n',
    out: [
      'VERDICT   IMAGE         NEWEST  BEHIND  WORKLOAD                    REASON\n',
      'outdated  nginx:1.25.1  1.25.5  1       shop/deployment/web (main)\n',
    ].join(''),
  })
})

t.test('what it ends with', async t => {
  const { audit, deploy, things } = await stage(t)
  t.match(await audit('-n new'), { code: 0 })
  t.match(await audit('--only current'), { code: 2 }, 'by the whole report, whatever is printed of it')
  const heading = 'VERDICT  IMAGE  NEWEST  BEHIND  WORKLOAD  REASON\n'
  const nothing = {
    code: 0,
    out: heading,
    err: 'patchline: found nothing that runs an image\n0 containers\n',
  }
  t.strictSame(
    await audit('--only unknown,floating --only exempt'),
    {
      code: 2,
      out: heading,
      err: '2 containers: 1 outdated, 1 current, of which 0 are shown (--only unknown,floating,exempt)\n',
    },
    'no hits are told too',
  )
  t.strictSame(await audit('-n empty'), nothing)
  t.strictSame(await audit('-n shpo'), {
    code: 1,
    out: '',
    err: 'patchline: the cluster cannot be audited: there is no namespace "shpo"\n',
  })
  deploy('far', 'ghcr.io/team/app:1.0.0', 'new')
  const far = await audit('-n new')
  t.equal(far.code, 3)
  t.equal(
    far.err,
    [
      'patchline: ghcr.io/team/app: this registry is not among those that may be asked; if you trust it, add --registry ghcr.io, or list it under registries\n',
      '2 containers: 1 unknown, 1 current\n',
    ].join(''),
  )
  deploy('further', 'ghcr.io/team/other:1.0.0', 'new')
  t.match(
    (await audit('-n new')).err,
    /^patchline: ghcr\.io \(2 repositories\): this registry is not among .*\n3 /,
  )
  t.equal((await audit('-n new -o json')).err, '3 containers: 2 unknown, 1 current\n', 'it is in the row')
  things.forbidden.add(deployments)
  const refused = await audit('-n shop')
  t.equal(refused.code, 3)
  t.match(refused.err, /^patchline: list deployments in shop: 403 .*; add to a Role in shop: .*\n/)
})

t.test('with a copy on disk, what is due is asked for again before it is printed', async t => {
  const { audit, registry } = await stage(t)
  const catalog = (refreshAfterMinutes: number) =>
    `catalog: { directory: ${t.testdirName}/catalog, refreshAfterMinutes: ${refreshAfterMinutes} }\n`
  const newest = async (more: string): Promise<unknown> =>
    JSON.parse((await audit('-n shop -o json', { more })).out).newest
  t.equal(await newest(catalog(30)), '1.25.5')
  registry.setTags('library/nginx', ['1.25.1', '1.25.5', '1.25.6'])
  const walks = () => registry.requests.filter(({ path }) => path.includes('/tags/')).length
  const before = walks()
  t.equal(await newest(catalog(30)), '1.25.5', 'no older than refreshAfterMinutes')
  t.equal(walks(), before)
  t.equal(await newest(catalog(0.0001)), '1.25.6')
  registry.setTags('library/nginx', ['1.25.1', '1.25.5', '1.25.6', '1.25.7'])
  t.equal(await newest(catalog(0.0001)), '1.25.7')
})

t.test('a file that the kubeconfig names is not there', async t => {
  const { server } = await stage(t)
  const folder = t.testdir()
  const none = join(folder, 'none')
  for (const user of [{ tokenFile: 'none' }, { 'client-certificate': none, 'client-key': none }]) {
    const path = server.kubeconfig(folder, { user })
    t.strictSame(await run(['audit', '--once', '--kubeconfig', path]), {
      code: 1,
      out: '',
      err: `patchline: the cluster cannot be audited: ask the API server for its version: no credentials: ${none}, which user "test" of the kubeconfig names, cannot be used: ENOENT; mend the path in the kubeconfig, or install the credential plug-in that it names\n`,
    })
  }
})

t.test('a disk that takes nothing is told, and the report is whole', async t => {
  const { audit } = await stage(t, { 'no-folder': '' })
  const directory = `${t.testdirName}/no-folder/catalog`
  const { code, out, err } = await audit('-n shop -o json', {
    more: `catalog: { directory: ${directory} }\n`,
  })
  t.equal(code, 2)
  t.match(JSON.parse(out), { newest: '1.25.5' })
  t.match(
    err,
    /^patchline: the copy of the catalog on disk: .*\/no-folder\/catalog\/v1: ENOTDIR: .*; it goes on from memory and tries again; give the disk room and the process the right to write$/m,
  )
})

t.test('--registry lets a registry be asked that the configuration does not list', async t => {
  const { audit, deploy, registry } = await stage(t)
  registry.setTags('team/app', ['1.0.0', '1.0.1'])
  deploy('own', `${registry.host}/team/app:1.0.0`, 'empty')
  const closed = await audit('-n empty -o json')
  t.match(JSON.parse(closed.out), { verdict: 'unknown', reason: 'not-allowed' })
  for (const option of ['--insecure-registry', '--registry']) {
    const { code, out } = await audit(`-n empty -o json ${option} ${registry.host}`)
    const [verdict, expected] =
      option === '--registry' ? [{ verdict: 'unknown', reason: 'unavailable' }, 3] : [{ newest: '1.0.1' }, 2]
    t.match(JSON.parse(out), verdict, option)
    t.equal(code, expected, option)
  }
})

t.test('a list that cannot be renewed is told with its age and why', async t => {
  const { audit, registry } = await stage(t)
  const directory = `${t.testdirName}/catalog`
  const more = `catalog: { directory: ${directory}, refreshAfterMinutes: 0.0001 }\n`
  await audit('-n shop', { more })
  registry.misbehave(() => ({ status: 403 }))
  const table = await audit('-n shop -o wide', { more })
  t.equal(table.code, 2)
  t.match(table.out, /outdated {2}1\.25\.5 {2}1 {7}- {6}newer \(0m old\)\n$/)
  t.match(
    table.err,
    /^patchline: tags are 0m old: docker\.io\/library\/nginx: .*\n1 container: 1 outdated\n$/,
  )
  const { out } = await audit('-n shop -o json', { more })
  t.match(JSON.parse(out), { overdue: true, detail: /^docker\.io\/library\/nginx: /, newest: '1.25.5' })
  registry.misbehave(() => ({ pace: 'never' }))
  const limited = `${more}audit: { refreshLimitMinutes: 0.02 }\n`
  const hanging = await audit('-o wide', { more: limited })
  t.match(hanging.out, /busybox:1\.36\.1 +unknown .*not-checked-yet\n/, 'was never looked up')
  t.match(hanging.err, /tags are 0m old: .*: asked for again, and no answer came in time\n/)
})

t.test(
  'a namespace that is off, a tag that is not there, where a line goes on, and what was mistyped',
  async t => {
    const { audit, things, deploy, registry } = await stage(t)
    registry.setTags('library/redis', ['7.2.4-alpine3.19', '7.2.5-alpine3.20'])
    deploy('cache', 'redis:7.2.4-alpine3.19', 'new')
    deploy('slip', 'busybox:1.36.9', 'new')
    things.set(deployments, {
      metadata: { name: 'box', namespace: 'new', annotations: { 'patchline.dev/snooze-until': 'tomorrow' } },
      spec: main('busybox:1.36.1'),
    })
    things.set('/api/v1/namespaces', { metadata: { name: 'shop', labels: { 'patchline.dev/mode': 'off' } } })
    things.set('/api/v1/namespaces', { metadata: { name: 'new', labels: { 'patchline.dev/mode': 'wran' } } })
    const { code, out, err } = await audit('-o wide')
    t.equal(code, 4, 'a tag that does not exist is not fine')
    t.notOk(registry.requests.some(({ path }) => path.includes('/nginx/')))
    t.match(out, /redis:7\.2\.4-alpine3\.19 +current .* other-variant: 7\.2\.5-alpine3\.20\n/)
    t.match(out, /busybox:1\.36\.9 +current +- +- +- +not-listed\n/)
    t.ok(out.indexOf('1.36.9') < out.indexOf('redis'), 'above what is in order')
    t.match(out, /nginx:1\.25\.1 +exempt +- +- +- +namespace-off\n/)
    t.equal(
      err,
      `patchline: namespace new: namespace label patchline.dev/mode=wran is none of off, audit, warn, enforce: it is ignored
patchline: Deployment new/box: annotation patchline.dev/snooze-until=tomorrow is no date; write 2026-12-24 or 2026-12-24T08:00Z
4 containers: 3 current, 1 exempt; 1 names a tag that does not exist
`,
    )
  },
)

t.test('an outdated image and a tag that does not exist: the first says how it ends', async t => {
  const { audit, deploy } = await stage(t)
  deploy('slip', 'busybox:1.36.9', 'new')
  const { code, out, err } = await audit('--color always')
  t.equal(code, 2)
  t.ok(out.indexOf('nginx:1.25.1') < out.indexOf('busybox:1.36.9'))
  t.ok(out.includes('\u001b[33mcurrent'), 'in yellow')
  t.match(err, /; 1 names a tag that does not exist\n$/)
})

t.test('a person at a terminal sees how it goes, and how it stands', async t => {
  const { audit } = await stage(t)
  const { err } = await audit('', { isInteractive: true })
  t.equal(
    err,
    [
      '\rreading the cluster',
      '\rchecking 1 of 2 images',
      '\rchecking 2 of 2 images',
      `\r${' '.repeat(22)}\r`,
      '2 containers: 1 outdated, 1 current\n',
    ].join(''),
  )
})

t.test('who may list nothing is told so once, with the commands that allow it', async t => {
  const { audit, things } = await stage(t)
  const groups = ['apps/v1/deployments', 'apps/v1/statefulsets', 'batch/v1/jobs'] as const
  for (const kind of groups) things.forbidden.add(`/apis/${kind}`)
  things.forbidden.add('/api/v1/pods')
  const everywhere = await audit('')
  t.equal(everywhere.code, 3)
  t.equal(
    everywhere.err,
    `patchline: you may not list pods, deployments, statefulsets, jobs; an administrator allows it by: kubectl create clusterrole patchline-reader --verb=list,watch --resource=pods,deployments.apps,statefulsets.apps,jobs.batch && kubectl create clusterrolebinding patchline-reader --clusterrole=patchline-reader --user=USER
0 containers\n`,
  )
})

t.test('a person who may not read a pull secret is told what lets this person read it', async t => {
  const { audit, things, registry } = await stage(t)
  const spec = {
    template: { spec: { imagePullSecrets: [{ name: 'regcred' }], ...main('nginx:1.25.1').template.spec } },
  }
  things.set(deployments, { metadata: { name: 'web', namespace: 'shop' }, spec })
  things.forbidden.add('/api/v1/namespaces/shop/secrets/regcred')
  registry.misbehave(() => ({ status: 401 }))
  const { detail } = JSON.parse((await audit('-n shop -o json')).out)
  t.match(
    detail,
    /pull secret shop\/regcred may not be read; an administrator allows it by: kubectl -n shop create role .*--user=USER/,
  )
  t.notMatch(detail, /serviceaccount=/)
})

t.test('nothing that a cluster holds moves the cursor', async t => {
  const { audit, deploy } = await stage(t)
  deploy('evil', '\u001b[2Jevil.example/\u202e:1', 'new')
  const { out, err } = await audit('-n new', { isInteractive: true })
  t.notMatch(out + err.replaceAll('\r', '').replaceAll('\n', ''), /[^\x20-\x7e\n]/)
})

t.test('a terminal has colours', async t => {
  const { audit } = await stage(t)
  t.match((await audit('', { columns: 80 })).out, '\u001b[31moutdated\u001b[39m  nginx:1.25.1')
  for (const [args, environment] of [
    ['--color never', {}],
    ['', { NO_COLOR: '1' }],
  ] as const)
    t.notMatch((await audit(args, { columns: 80, environment })).out, '\u001b')
  t.match((await audit('--color always')).out, '\u001b[32mcurrent\u001b[39m')
})

t.test('registries are asked as the person', async t => {
  const registry = await startMemoryRegistry({
    repositories: { 'team/app': ['1.0.0', '1.0.1'] },
    authentication: { kind: 'basic', username: 'u', password: 'p' },
  })
  t.teardown(() => registry.close())
  const auth = Buffer.from('u:p').toString('base64')
  const { audit, deploy, kubeconfig } = await stage(t, {
    '.docker': { 'config.json': JSON.stringify({ auths: { [registry.host]: { auth } } }) },
    empty: {},
    broken: '{',
  })
  const home = dirname(kubeconfig)
  deploy('own', `${registry.host}/team/app:1.0.0`, 'empty')
  const insecure = `-n empty -o json --insecure-registry ${registry.host}`
  const asPerson = await audit(insecure, { environment: { HOME: home } })
  t.match(JSON.parse(asPerson.out), { verdict: 'outdated', newest: '1.0.1' })
  const named = await audit(`${insecure} --docker-config ${home}/.docker/config.json`, {
    environment: { HOME: `${home}/empty` },
  })
  t.match(JSON.parse(named.out), { verdict: 'outdated' })
  const anonymous = await audit(insecure, { environment: { HOME: `${home}/empty` } })
  t.match(JSON.parse(anonymous.out), { verdict: 'unknown', newest: null })
  t.match(await audit(`${insecure} --docker-config ${home}/none`), {
    code: 1,
    err: `patchline: the cluster cannot be audited: the docker configuration ${home}/none cannot be read: there is no such file\n`,
  })
  t.match(await audit(`${insecure} --docker-config ${home}/broken`), {
    code: 1,
    err: `patchline: the cluster cannot be audited: the docker configuration ${home}/broken cannot be used: it is not JSON\n`,
  })
})

t.test('where there is no cluster', async t => {
  const { server, audit, kubeconfig } = await stage(t)
  t.match(await audit('--context other'), {
    code: 1,
    out: '',
    err: 'patchline: the cluster cannot be audited: load the Kubernetes configuration: there is no context "other"; kubectl config get-contexts lists them\n',
  })
  server.next(answer(401, { message: 'Unauthorized' }))
  t.match(await audit(''), { code: 1, err: /cannot be audited: .*401 Unauthorized; renew the credentials/ })
  const noServer = `patchline: the cluster cannot be audited: ask the API server for its version: ${server.url} is not a Kubernetes API server; check the server of the kubeconfig\n`
  server.next(answer(404, {}))
  t.match(await audit(''), { code: 1, err: noServer })
  server.next(answer(200, { hello: 'there' }))
  t.match(await audit(''), { code: 1, err: noServer })
  server.next(answer(403, { message: 'no' }))
  t.equal((await audit('')).code, 2, 'who may not see the version may see the rest')
  await server.close()
  const gone = await run(['audit', '--once', '--kubeconfig', kubeconfig])
  t.match(gone, {
    code: 1,
    out: '',
    err: /cannot be audited: .*ECONNREFUSED.*check that the API server can be reached/,
  })
  t.match(await run(['audit', '--once', '--kubeconfig', '/none']), {
    code: 1,
    err: /\/none: there is no such file/,
  })
})

t.test('what makes no sense is said before anything is asked', async t => {
  for (const [args, message] of [
    [['audit'], /audit needs --config, or --once for one report: patchline audit --once/],
    [
      ['audit', '-c', 'x', '-o', 'json'],
      /--output, --only, --as-if, --context and --docker-config are for one report: add --once/,
    ],
    [['audit', '-c', 'x', '--only', 'current'], /add --once/],
    [['audit', '-c', 'x', '--context', 'other'], /add --once/],
    [['audit', '--once', '-o', 'xml'], /Allowed choices are table, wide, json, csv/],
    [['audit', '-c', 'x', '--docker-config', 'y'], /add --once/],
    [
      ['audit', '--once', '--only', 'outdated,behind'],
      /^patchline: option '--only <verdicts>' argument 'outdated,behind' is invalid\. Allowed choices are outdated, unknown, floating, unversioned, current, exempt\.\n/,
    ],
    [
      ['audit', '--once', '-n', 'newcomer,default'],
      /^patchline: option '-n, --namespace <name>' argument 'newcomer,default' is invalid\. No namespace can have this name: repeat -n for each\.\n/,
    ],
    [
      ['audit', '--once', '-n', 'a/b'],
      /No namespace can have this name: it has lower-case letters, digits and dashes\./,
    ],
    [['audit', '--once', '-n', 'a=b'], /No namespace can have this name/],
    [['audit', '-c', 'x', '--kubeconfig', '/none'], /cannot audit: .*\/none: there is no such file/],
  ] as const) {
    const outcome = await run(args)
    t.equal(outcome.code, 1)
    t.match(outcome.err, message)
  }
})
