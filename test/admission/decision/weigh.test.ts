import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  createReviewer,
  type AdmissionRequest,
  type EnforcementChoices,
  type ImageSource,
  type RunningImages,
} from '../../../src/admission/index.ts'
import type { DigestCatalog } from '../../../src/evaluation/index.ts'
import { contentOf, digestsOf } from '../../evaluation/fake-catalogs.ts'
import { workloadNamed } from '../../workload/workloads.ts'
import { catalogOf, containers, deployment, timeLimitOf, requestOf } from '../situations.ts'

const tags = {
  'docker.io/library/nginx': [
    '1.24.0',
    '1.24.1',
    '1.25.1',
    '1.25.2',
    '1.25.4',
    '1.25.5',
    '1.25.1-alpine',
    '1.25.5-alpine',
  ],
  'docker.io/bitnami/kafka': [
    '3.5.1-debian-12-r50',
    '3.5.1-debian-12-r51',
    '3.5.1-debian-12-r52',
    '3.5.2-debian-12-r0',
    '3.6.0-debian-12-r50',
    '3.6.0-debian-12-r51',
  ],
  'docker.io/library/busybox': ['1.36.0', '1.36.1'],
}
const digest = `sha256:${'a'.repeat(64)}`
const pods = workloadNamed('pods')
const jobs = workloadNamed('jobs')

const running: RunningImages & { readonly asked: ImageSource[] } = {
  asked: [],
  imagesIn(source) {
    running.asked.push(source)
    const there =
      source.kind === 'pods'
        ? ['docker.io/library/nginx:1.25.1']
        : source.name === 'nightly'
          ? ['nginx:1.25.2']
          : undefined
    return Promise.resolve(there)
  },
}

function update(before: readonly string[], after: readonly string[]): AdmissionRequest {
  return requestOf({ operation: 'UPDATE', object: deployment(...after), oldObject: deployment(...before) })
}

function pod(image: string): AdmissionRequest {
  return requestOf({ kind: 'Pod', resource: pods.resource, object: pods.object(containers(image)) })
}

function jobOf(cronJob: string, image: string): AdmissionRequest {
  const ownerReferences = [
    { apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob, uid: 'u', controller: true },
  ]
  const annotations = { 'cronjob.kubernetes.io/instantiate': 'manual' }
  const object = jobs.object(containers(image), { annotations, ownerReferences })
  return requestOf({ kind: 'Job', resource: jobs.resource, object })
}

const usual: EnforcementChoices = { steps: 'newer', copies: 'allowed', rebuilds: 'refused' }
const columns: readonly (readonly [heading: string, EnforcementChoices])[] = [
  ['as it comes', usual],
  ['`steps: newest`', { ...usual, steps: 'newest' }],
  ['`copies: refused`', { ...usual, copies: 'refused' }],
  ['`rebuilds: allowed`', { ...usual, rebuilds: 'allowed' }],
]

// What is asked for, and the choices under which it is refused.
type Row = readonly [what: string, AdmissionRequest, ...refused: readonly ('-' | 'x')[]]
const rows: readonly Row[] = [
  ['a new object with `1.25.1`', requestOf(), 'x', 'x', 'x', 'x'],
  ['`1.25.1` to `1.25.5`, the newest', update(['nginx:1.25.1'], ['nginx:1.25.5']), '-', '-', '-', '-'],
  ['`1.25.1` to `1.25.2`', update(['nginx:1.25.1'], ['nginx:1.25.2']), '-', 'x', '-', '-'],
  [
    '`1.25.1` to the same with a digest',
    update(['nginx:1.25.1'], [`nginx:1.25.1@${digest}`]),
    '-',
    'x',
    '-',
    '-',
  ],
  ['`1.25.2` to `1.25.1`', update(['nginx:1.25.2'], ['nginx:1.25.1']), 'x', 'x', 'x', 'x'],
  ['`1.25.5` to `1.25.4`', update(['nginx:1.25.5'], ['nginx:1.25.4']), 'x', 'x', 'x', 'x'],
  ['`1.24.0` to `1.25.1`, another line', update(['nginx:1.24.0'], ['nginx:1.25.1']), 'x', 'x', 'x', 'x'],
  [
    '`1.25.1-alpine` to `1.25.2`, another variant',
    update(['nginx:1.25.1-alpine'], ['nginx:1.25.2']),
    'x',
    'x',
    'x',
    'x',
  ],
  ['another repository', update(['busybox:1.36.0'], ['nginx:1.25.1']), 'x', 'x', 'x', 'x'],
  [
    'another container',
    update(['nginx:1.25.1', 'busybox:1.36.1'], ['nginx:1.25.1', 'nginx:1.25.2']),
    'x',
    'x',
    'x',
    'x',
  ],
  [
    'a new object with `3.6.0-debian-12-r50`, where `-r51` is the newest',
    requestOf({ object: deployment('bitnami/kafka:3.6.0-debian-12-r50') }),
    'x',
    'x',
    'x',
    '-',
  ],
  [
    'a new object with `3.5.1-debian-12-r50`, where `3.5.2-…` is the newest',
    requestOf({ object: deployment('bitnami/kafka:3.5.1-debian-12-r50') }),
    'x',
    'x',
    'x',
    'x',
  ],
  ['a Pod with an image that a pod of the namespace has', pod('nginx:1.25.1'), '-', '-', 'x', '-'],
  ['a Pod with another one', pod('nginx:1.25.2'), 'x', 'x', 'x', 'x'],
  ['a Job of a CronJob that has the image', jobOf('nightly', 'nginx:1.25.2'), '-', '-', 'x', '-'],
  ['a Job of a CronJob that has another one', jobOf('nightly', 'nginx:1.25.1'), 'x', 'x', 'x', 'x'],
  ['a Job of a CronJob that does not exist', jobOf('none', 'nginx:1.25.2'), 'x', 'x', 'x', 'x'],
]

async function answer(
  request: AdmissionRequest,
  enforcement: EnforcementChoices,
  parts: { readonly running: RunningImages; readonly digests?: DigestCatalog } = { running },
) {
  const reviewer = createReviewer({
    ...parts,
    catalog: catalogOf(tags),
    timeLimit: timeLimitOf(),
    now: () => 0,
    namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'enforce' }) },
    settings: {
      defaults: { mode: 'warn', strategy: 'patch' },
      ownNamespace: 'patchline',
      controllers: [],
      enforcement,
    },
  })
  return (await reviewer.validate(request, 800)).response
}

t.test('a request is refused for what it makes worse', async t => {
  for (const [what, request, ...expected] of rows)
    for (const [at, [heading, choices]] of columns.entries()) {
      const { allowed } = await answer(request, choices)
      t.equal(allowed ? '-' : 'x', expected[at], `${what}, ${heading}`)
    }
})

t.test('what is not refused is warned of, and noted as outdated', async t => {
  const step = await answer(update(['nginx:1.25.1'], ['nginx:1.25.2']), usual)
  t.strictSame(step, {
    uid: 'uid-1',
    allowed: true,
    warnings: ['patchline: web: nginx:1.25.2 is 2 versions behind 1.25.5 (line 1.25)'],
    auditAnnotations: { outdated: 'web: nginx:1.25.2 -> 1.25.5' },
  })
})

t.test('only what would be refused is asked for, and as what it is', async t => {
  running.asked.length = 0
  await answer(requestOf(), usual)
  await answer(pod('nginx:1.25.5'), usual)
  await answer({ ...pod('nginx:1.25.1'), operation: 'UPDATE' }, usual)
  const owned = pods.object(containers('nginx:1.25.1'), {
    ownerReferences: [{ apiVersion: 'x.example/v1', kind: 'X', controller: true }],
  })
  await answer(requestOf({ kind: 'Pod', resource: pods.resource, object: owned }), usual)
  t.strictSame(running.asked, [])
  await answer(pod('nginx:1.25.2'), usual)
  await answer(jobOf('nightly', 'nginx:1.25.1'), usual)
  t.strictSame(running.asked, [
    { kind: 'pods', namespace: 'shop' },
    { kind: 'cronjob', namespace: 'shop', name: 'nightly' },
  ])
})

t.test('what cannot be had, or not in time, is no copy', async t => {
  const nothing = { imagesIn: () => Promise.resolve(undefined), asked: [] }
  const never = { imagesIn: () => new Promise<never>(() => undefined), asked: [] }
  for (const one of [nothing, never])
    t.equal((await answer(pod('nginx:1.25.1'), usual, { running: one })).allowed, false)
})

t.test('a refusal names the annotation where it helps', async t => {
  const kept = await answer(requestOf(), usual)
  t.match(
    kept.status?.message,
    'annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace',
  )
  const rebuild = requestOf({ object: deployment('bitnami/kafka:3.6.0-debian-12-r50') })
  t.equal(
    (await answer(rebuild, usual)).status?.message,
    'Deployment web: container web: bitnami/kafka:3.6.0-debian-12-r50 is 1 image revision behind 3.6.0-debian-12-r51 (line 3.6). Use bitnami/kafka:3.6.0-debian-12-r51. To keep it on purpose, have the namespace "shop" labelled patchline.dev/mode=warn.',
  )
  const digests = digestsOf({
    '3.5.1-debian-12-r50': contentOf('a'),
    '3.5.1-debian-12-r51': 'never',
    '3.5.1-debian-12-r52': 'never',
    '3.5.2-debian-12-r0': contentOf('b'),
  })
  const unsure = requestOf({ object: deployment('bitnami/kafka:3.5.1-debian-12-r50') })
  t.notMatch(
    (await answer(unsure, usual, { running, digests })).status?.message,
    'strategy=rebuild',
    'whether a rebuild is lacking is not known',
  )
})

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`

t.test('the documentation has the same table', async t => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/enforcement.md'), 'utf8')
  const [, table] = /<!-- worse -->\n([^]*?)<!-- end -->/.exec(text) ?? []
  const headings = columns.map(([heading]) => heading)
  t.equal(
    table,
    [
      line(['under `enforce`', ...headings]),
      line(['', ...headings].map(() => '---')),
      ...rows.map(([what, , ...cells]) =>
        line([what, ...cells.map(cell => (cell === 'x' ? 'refused' : 'allowed'))]),
      ),
    ].join(''),
  )
})
