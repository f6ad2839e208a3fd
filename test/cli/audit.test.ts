import t, { type Test } from 'tap'
import { runCommand } from '../../src/cli/index.ts'
import { answer, startApiServer } from '../kubernetes/fake-api-server.ts'
import { FakeThings } from '../kubernetes/fake-things.ts'
import { startMemoryRegistry } from '../support/memory-registry.ts'

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface Surroundings {
  readonly isInteractive?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

const deployments = '/apis/apps/v1/deployments'
const main = (image: string) => ({ template: { spec: { containers: [{ name: 'main', image }] } } })

/** A cluster, a registry, and `patchline audit` between them. */
async function stage(t: Test) {
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
  const kubeconfig = server.kubeconfig(t.testdir())
  const config = `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
`
  const audit = (args: string, surroundings: Surroundings = {}) =>
    run(['audit', '--once', '-c', 'c.yaml', '--kubeconfig', kubeconfig, ...words(args)], config, surroundings)
  return { things, server, audit, deploy, kubeconfig }
}

const words = (text: string): readonly string[] => text.split(' ').filter(word => word !== '')

async function run(
  args: readonly string[],
  config = '',
  { isInteractive = false, environment = {} }: Surroundings = {},
): Promise<Run> {
  let out = ''
  let err = ''
  const code = await runCommand(args, {
    environment,
    isInteractive,
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
    err: '',
    out: [
      'NAMESPACE  WORKLOAD        CONTAINER  IMAGE           VERDICT   NEWEST  BEHIND  SINCE  REASON\n',
      'new        deployment/box  main       busybox:1.36.1  current   -       -       -      newest\n',
      'shop       deployment/web  main       nginx:1.25.1    outdated  1.25.5  1       -      newer\n',
    ].join(''),
  })
  const { out } = await audit('-o json --only outdated')
  t.match(JSON.parse(out), { workload: { kind: 'Deployment', name: 'web' }, newest: '1.25.5', behind: 1 })
  t.match((await audit('-o csv -n new')).out, /^namespace,.*\r\nnew,Deployment,box,.*\r\n$/)
})

t.test('what it ends with', async t => {
  const { audit, deploy, things } = await stage(t)
  t.match(await audit('-n new'), { code: 0 })
  t.match(await audit('--only current'), { code: 2 }, 'by the whole report, whatever is printed of it')
  const nothing = { code: 0, out: '', err: 'patchline: found nothing that runs an image\n' }
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
    'patchline: ghcr.io/team/app: the configuration does not allow this registry; add ghcr.io to registries, if you trust it\n',
  )
  t.equal((await audit('-n new -o json')).err, '', 'it is in the row')
  things.forbidden.add(deployments)
  const refused = await audit('-n shop')
  t.equal(refused.code, 3)
  t.match(refused.err, /^patchline: list deployments in shop: 403 .*; add to a Role in shop: .*\n$/)
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

t.test('nothing that a cluster holds moves the cursor', async t => {
  const { audit, deploy } = await stage(t)
  deploy('evil', '\u001b[2Jevil.example/\u202e:1', 'new')
  const { out, err } = await audit('-n new', { isInteractive: true })
  t.notMatch(out + err.replaceAll('\r', '').replaceAll('\n', ''), /[^\x20-\x7e\n]/)
})

t.test('where there is no cluster', async t => {
  const { server, audit, kubeconfig } = await stage(t)
  t.match(await audit('--context other'), {
    code: 1,
    out: '',
    err: /there is no context "other"; kubectl config get-contexts lists them; /,
  })
  server.next(answer(401, { message: 'Unauthorized' }))
  t.match(await audit(''), { code: 1, err: /cannot be audited: .*401 Unauthorized; renew the credentials/ })
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
    [['audit', '-c', 'x', '-o', 'json'], /--output, --only and --context are for one report: add --once/],
    [['audit', '-c', 'x', '--only', 'current'], /add --once/],
    [['audit', '-c', 'x', '--context', 'other'], /add --once/],
    [['audit', '--once', '-o', 'xml'], /Allowed choices are table, json, csv/],
    [['audit', '-c', 'x', '--kubeconfig', '/none'], /cannot audit: .*\/none: there is no such file/],
  ] as const) {
    const outcome = await run(args)
    t.equal(outcome.code, 1)
    t.match(outcome.err, message)
  }
})
