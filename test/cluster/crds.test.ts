import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { startControlPlane } from './control-plane.ts'
import {
  refusedExceptions,
  refusedExceptionStatus,
  refusedPolicies,
  refusedPolicyStatus,
} from './crd-refusals.ts'
import type { Execution } from '../support/program/execute.ts'
import { must, toolsFor, until } from './tools.ts'

const root = join(import.meta.dirname, '../..')
const cluster = await startControlPlane()
t.teardown(() => cluster.close())
const { kubectl: run, namespace } = toolsFor(cluster)
const names = ['patchpolicies.patchline.dev', 'patchexceptions.patchline.dev']
const folder = join(root, 'manifests/crds')

/** The example of a kind in the page, as a reader copies it. */
function example(kind: 'policy' | 'exception'): string {
  const page = readFileSync(join(root, 'docs/policies.md'), 'utf8')
  const found = new RegExp(`<!-- ${kind} -->\n\`\`\`yaml\n([^]*?)\`\`\`\n<!-- end -->`).exec(page)
  if (found === null) throw new Error(`docs/policies.md has no example of a ${kind}`)
  return found[1] ?? ''
}

const apiVersion = 'patchline.dev/v1alpha1'
const policy = (spec: object | undefined, name = 'x') =>
  JSON.stringify({ apiVersion, kind: 'PatchPolicy', metadata: { name }, spec })
const exception = (spec: object) =>
  JSON.stringify({
    apiVersion,
    kind: 'PatchException',
    metadata: { name: 'x', namespace: 'shop' },
    spec: { images: ['nginx'], until: '2026-12-31T12:00:00Z', reason: 'r', owner: 'o', ...spec },
  })

/** What the API server says is wrong, a line each, without the note that it stopped before its CEL rules. */
function problemsIn({ code, stderr }: Execution): readonly string[] {
  if (code === 0) return []
  return stderr
    .replace(/^The \w+ "[^"]*" is invalid: /, '')
    .split('\n')
    .map(line => line.replace(/^\* /, ''))
    .filter(line => line.trim() !== '' && !line.includes('some validation rules were not checked'))
}
const problems = async (object: string) => problemsIn(await run('create --dry-run=server -f -', object))

const get = async (what: string) => parse((await must(run(`get ${what} -o json`))).stdout)

const conditionsOf = async (name: string) =>
  (await get(`crd ${name}`)).status.conditions.map((one: { type: string }) => one.type)
const withMode = (mode: string) =>
  `apiVersion: ${apiVersion}\nkind: PatchPolicy\nmetadata: { name: x }\nspec: { mode: ${mode} }`
const explained = async (field: string) =>
  (await must(run(`explain ${field}`))).stdout.replaceAll(/\s+/g, ' ')

/** A table of kubectl as its words, without the age. */
async function table(args: string): Promise<readonly string[]> {
  const { stdout } = await must(run(args))
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line =>
      line
        .trim()
        .replaceAll(/ {2,}/g, ' | ')
        .replace(/ \| (?:\d+[smh])+$/, ''),
    )
}

await t.test('the API server takes both definitions, and the same again changes nothing', async t => {
  t.equal(
    (await run(`get crd ${names.join(' ')} --ignore-not-found -o name`)).stdout,
    '',
    'none is there yet',
  )
  for (const name of names) cluster.removeAtEnd(['crd', name])
  await must(run(`apply -f ${folder}`))
  await must(run(`wait --for=condition=Established crd ${names.join(' ')} --timeout=30s`))
  const versions = async () =>
    (await run(`get crd ${names.join(' ')} -o jsonpath={.items[*].metadata.generation}`)).stdout
  t.equal(await versions(), '1 1')
  const again = await must(run(`apply -f ${folder}`))
  for (const line of again.stdout.trim().split('\n')) t.match(line, / unchanged$/)
  t.equal((await run(`diff -f ${folder}`)).code, 0)
  t.equal(await versions(), '1 1')
  for (const name of names) t.notOk((await conditionsOf(name)).includes('NonStructuralSchema'), name)
  await until('kubectl finds the kinds', async () => (await run('get pp,pex -A')).code === 0)
  await namespace('shop')
})

await t.test('the examples of the page are good, and stay as they are written', async t => {
  for (const kind of ['policy', 'exception'] as const) {
    const text = example(kind)
    const applied = await run('apply --validate=strict -f -', text)
    t.equal(applied.code, 0, applied.stderr)
    const { metadata, spec } = parse(text)
    const where = kind === 'policy' ? 'pp' : 'pex -n shop'
    t.strictSame((await get(`${where} ${metadata.name}`)).spec, spec, kind)
  }
})

await t.test('what is good is accepted', async t => {
  const ranges = [
    '>=1.2 <2',
    '1.x || >=2.5.0 || 5.0.0 - 7.2.3',
    '^1.2.3-beta.1',
    '~>1.2',
    '*',
    '=v1.2.3',
    '>= 1.2  < 2',
    '1||2',
  ]
  const images =
    '* ** nginx nginx:1.25.* team/*/app quay.io/** *.example.com/team/** ghcr.io/a__b/c--d.e localhost:5000/app:1.2.3-Alpine [::1]:5000/app registry.example.com:*/app-*'
  const selector = {
    matchLabels: { 'app.kubernetes.io/name': '', team: 'A.b_c-1' },
    matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }],
  }
  const periods = [
    { period: '0d', images: ['nginx'] },
    { period: '167h', namespaceSelector: {} },
  ]
  const good = [
    {},
    ...ranges.map(range => ({ range })),
    { match: { images: images.split(' ') } },
    { match: { namespaceSelector: selector, objectSelector: {}, kinds: ['Pod', 'Rollout.argoproj.io'] } },
    { grace: { period: '7d' } },
    { mode: 'enforce', grace: { period: '1w', sooner: periods } },
    { mode: 'off', breakGlass: {}, delegate: [], others: {} },
  ]
  for (const spec of good) t.strictSame(await problems(policy(spec)), [], JSON.stringify(spec))
  t.strictSame(await problems(policy({}, 'p'.repeat(63))), [])
  for (const until of ['2026-12-31T12:00:00.5-03:30', '2028-02-29T00:00:00Z'])
    t.strictSame(await problems(exception({ until })), [], until)
})

await t.test('what is wrong in a policy is refused, with the field and the reason', async t => {
  for (const [spec, ...messages] of refusedPolicies)
    t.strictSame(await problems(policy(spec)), messages, JSON.stringify(spec).slice(0, 100))
  t.strictSame(await problems(policy(undefined)), ['spec: Required value'])
  t.strictSame(await problems(policy({}, 'p'.repeat(64))), [
    '<nil>: Invalid value: the name of a policy must have at most 63 characters',
  ])
})

await t.test('what is wrong in an exception is refused, with the field and the reason', async t => {
  for (const [spec, ...messages] of refusedExceptions)
    t.strictSame(await problems(exception(spec)), messages, JSON.stringify(spec).slice(0, 100))
})

await t.test('defaults are filled in', async t => {
  const text = 'metadata: { name: short }\nspec: { exceptions: { namespaceSelector: {} } }'
  await must(run('apply -f -', `apiVersion: ${apiVersion}\nkind: PatchPolicy\n${text}`))
  t.strictSame((await get('patchpolicy short')).spec, {
    priority: 0,
    match: {},
    preReleases: 'follow',
    exceptions: { namespaceSelector: {}, longest: '90d' },
  })
})

await t.test('an off without quotes is not the mode, and the answer shows why', async t => {
  t.strictSame(
    (await problems(withMode('off')))[0],
    'spec.mode: Invalid value: "boolean": spec.mode in body must be of type string: "boolean"',
  )
  t.strictSame(await problems(withMode("'off'")), [])
})

await t.test('unknown fields are refused, or dropped where kubectl is told not to be strict', async t => {
  const mistyped = policy(
    { mode: 'warn', startegy: 'patch', match: { images: ['nginx'], image: 'nginx' } },
    'mistyped',
  )
  const strict = await run('apply --validate=strict -f -', mistyped)
  t.equal(strict.code, 1)
  t.match(
    strict.stderr,
    'strict decoding error: unknown field "spec.match.image", unknown field "spec.startegy"',
  )
  await must(run('apply --validate=ignore -f -', mistyped))
  t.strictSame((await get('pp mistyped')).spec, {
    mode: 'warn',
    match: { images: ['nginx'] },
    priority: 0,
    preReleases: 'follow',
  })
})

await t.test('the status is a subresource with a schema', async t => {
  const status = {
    workloads: 12,
    outdated: 5,
    wouldRefuse: 3,
    exempt: 1,
    lastEvaluated: '2026-01-01T00:00:00Z',
  }
  const ready = {
    type: 'Ready',
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'Read',
    message: '',
  }
  await must(run('apply -f -', JSON.stringify({ ...parse(policy({}, 'short')), status })))
  t.equal((await get('pp short')).status, undefined, 'an author cannot write it')
  const write = (object: string, patch: object, spec: object = {}) =>
    run(`patch ${object} --subresource=status --type=merge -p ${JSON.stringify({ status: patch, spec })}`)
  const before = await get('pp production')
  await must(write('pp production', { ...status, conditions: [ready] }, { priority: 7 }))
  const after = await get('pp production')
  t.match(after.status, { ...status, conditions: [ready] })
  t.strictSame(after.spec, before.spec, 'a status writes no spec')
  t.equal(after.metadata.generation, before.metadata.generation, 'a status makes no new generation')
  const excused = 'pex nginx-for-the-shop -n shop'
  await must(write(excused, { state: 'Active', workloads: 1, wouldRefuse: 1 }))
  for (const [object, rows] of [
    ['pp production', refusedPolicyStatus],
    [excused, refusedExceptionStatus],
  ] as const)
    for (const [refused, ...messages] of rows)
      t.strictSame(problemsIn(await write(object, refused)), messages, JSON.stringify(refused).slice(0, 100))
})

await t.test('kubectl shows the columns', async t => {
  await must(run('delete pp short mistyped'))
  t.strictSame(await table('get patchpolicies'), [
    'NAME | MODE | STRATEGY | PRIORITY | WORKLOADS | WOULD-REFUSE | READY | AGE',
    'production | enforce | patch | 100 | 12 | 3 | True',
  ])
  // Which kind comes first is not said anywhere.
  t.strictSame((await table('get patchline -A')).toSorted(), [
    'NAMESPACE | NAME | MODE | STRATEGY | PRIORITY | WORKLOADS | WOULD-REFUSE | READY | AGE',
    'NAMESPACE | NAME | STATE | UNTIL | OWNER | WORKLOADS | AGE',
    'patchpolicy.patchline.dev/production | enforce | patch | 100 | 12 | 3 | True',
    'shop | patchexception.patchline.dev/nginx-for-the-shop | Active | 2027-01-31T18:00:00+01:00 | team-shop | 1',
  ])
  t.strictSame(await table('get pex -n shop -o wide'), [
    'NAME | STATE | UNTIL | OWNER | WORKLOADS | REASON | AGE',
    'nginx-for-the-shop | Active | 2027-01-31T18:00:00+01:00 | team-shop | 1 | 1.25.2 changes how it answers HTTP/2 resets; the client is corrected in January',
  ])
})

await t.test('kubectl explains a field', async t => {
  t.match(
    await explained('patchpolicy.spec.grace'),
    'With mode enforce: how long an outdated image is only warned about, from when the first newer tag was seen.',
  )
  t.match(
    await explained('pex.spec.until'),
    'When the exception ends. The policy says how far away that may be.',
  )
})
