import * as fc from 'fast-check'
import t from 'tap'
import { remedyFor } from '../../src/notification/advice.ts'
import type { CommandForm } from '../../src/notification/commands.ts'
import type { Finding } from '../../src/notification/findings.ts'
import { findingsOf } from '../../src/notification/findings.ts'
import { report, type Row } from './reports.ts'

function findings(rows: readonly Row[]): readonly Finding[] {
  return findingsOf(report(rows), 0).findings
}

const release = { by: 'helm', name: 'shop', namespace: 'default', chart: 'nginx-15.4.2' } as const
const helm =
  'Helm release shop (chart nginx-15.4.2) manages it: set the tag in its values, often image.tag=1.25.5'

const digest = `sha256:${'b'.repeat(64)}`

const rows: readonly (readonly [
  string,
  readonly Row[],
  CommandForm,
  string | undefined,
  string | readonly string[] | undefined,
])[] = [
  [
    'a container',
    [{ newest: '1.25.5' }],
    'set-image',
    'kubectl -n default set image deployment/web web=nginx:1.25.5',
    undefined,
  ],
  [
    'two of five containers, one of them init',
    [
      { namespace: 'shop', newest: '1.25.5' },
      { namespace: 'shop', container: 'migrate', field: 'init', image: 'ghcr.io/x/m:1.0.0', newest: '1.0.3' },
    ],
    'set-image',
    'kubectl -n shop set image deployment/web web=nginx:1.25.5 migrate=ghcr.io/x/m:1.0.3',
    undefined,
  ],
  [
    'the same as a patch',
    [
      { namespace: 'shop', newest: '1.25.5' },
      { namespace: 'shop', container: 'migrate', field: 'init', image: 'ghcr.io/x/m:1.0.0', newest: '1.0.3' },
    ],
    'patch',
    `kubectl -n shop patch deployment web --patch '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25.5"}],"initContainers":[{"name":"migrate","image":"ghcr.io/x/m:1.0.3"}]}}}}'`,
    undefined,
  ],
  [
    'a cron job',
    [{ kind: 'CronJob', newest: '1.25.5' }],
    'patch',
    `kubectl -n default patch cronjob web --patch '{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25.5"}]}}}}}}'`,
    undefined,
  ],
  [
    'an image volume needs the patch',
    [{ field: 'volume', container: 'models', newest: '1.25.5' }],
    'set-image',
    `kubectl -n default patch deployment web --patch '{"spec":{"template":{"spec":{"volumes":[{"name":"models","image":{"reference":"nginx:1.25.5"}}]}}}}'`,
    undefined,
  ],
  [
    'of a digest pin, where the digest of the newest is not known',
    [{ image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`, newest: '1.25.5' }],
    'set-image',
    undefined,
    'pin nginx:1.25.5 with its digest',
  ],
  [
    'likewise beside an image that is not pinned',
    [
      { image: `docker.io/library/nginx:1.25.1@sha256:${'a'.repeat(64)}`, newest: '1.25.5' },
      { container: 'side', newest: '1.25.5' },
    ],
    'patch',
    `kubectl -n default patch deployment web --patch '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"nginx:1.25.5"}]}}}}'`,
    'pin docker.io/library/nginx:1.25.5 with its digest',
  ],
  [
    'likewise in a kustomization',
    [
      {
        image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`,
        newest: '1.25.5',
        manager: { by: 'kustomize', path: 'base/web.yaml' },
      },
    ],
    'set-image',
    undefined,
    [
      'pin nginx:1.25.5 with its digest',
      'kustomize made it (base/web.yaml): change the image beside its kustomization.yaml, then apply it',
    ],
  ],
  [
    'likewise in a release of Helm',
    [{ image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`, newest: '1.25.5', manager: release }],
    'set-image',
    undefined,
    ['pin nginx:1.25.5 with its digest', helm],
  ],
  [
    'likewise in a Job',
    [{ kind: 'Job', image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`, newest: '1.25.5' }],
    'set-image',
    undefined,
    [
      'pin nginx:1.25.5 with its digest',
      'the template of a Job cannot be changed: what makes the Job must name the newer tag',
    ],
  ],
  [
    'a digest pin stays one',
    [{ image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`, newest: '1.25.5', newestDigest: digest }],
    'set-image',
    `kubectl -n default set image deployment/web web=nginx:1.25.5@${digest}`,
    undefined,
  ],
  ['a release of Helm', [{ newest: '1.25.5', manager: release }], 'set-image', undefined, helm],
  [
    'a HelmRelease of Flux',
    [{ newest: '1.25.5', manager: { by: 'flux-helm', name: 'web', namespace: 'apps' } }],
    'set-image',
    undefined,
    'Flux HelmRelease apps/web manages it: set the tag in its values, often image.tag=1.25.5',
  ],
  [
    'a Kustomization of Flux',
    [{ newest: '1.25.5', manager: { by: 'flux-kustomize', name: 'apps', namespace: 'flux-system' } }],
    'patch',
    undefined,
    'Flux Kustomization flux-system/apps manages it: change the image in its source to 1.25.5',
  ],
  [
    'an application of Argo CD',
    [{ newest: '1.25.5', manager: { by: 'argo-cd', name: 'shop', namespace: undefined } }],
    'set-image',
    undefined,
    'Argo CD application shop manages it: change the image in its source to 1.25.5',
  ],
  [
    'a kustomization of a pinned image',
    [
      {
        image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`,
        newest: '1.25.5',
        newestDigest: digest,
        manager: { by: 'kustomize', path: 'base/web.yaml' },
      },
    ],
    'set-image',
    `kustomize edit set image nginx=nginx:1.25.5@${digest}`,
    'kustomize made it (base/web.yaml): change the image beside its kustomization.yaml, then apply it',
  ],
  [
    'a kustomization',
    [
      {
        image: 'registry.acme.test:5000/web:1.25.1',
        newest: '1.25.5',
        manager: { by: 'kustomize', path: 'base/web.yaml' },
      },
    ],
    'set-image',
    'kustomize edit set image registry.acme.test:5000/web=registry.acme.test:5000/web:1.25.5',
    'kustomize made it (base/web.yaml): change the image beside its kustomization.yaml, then apply it',
  ],
  [
    'a repository as it is written',
    [{ image: 'docker.io/library/nginx:1.25.1', newest: '1.25.5' }],
    'set-image',
    'kubectl -n default set image deployment/web web=docker.io/library/nginx:1.25.5',
    undefined,
  ],
  [
    'a Job',
    [{ kind: 'Job', newest: '1.25.5' }],
    'set-image',
    undefined,
    'the template of a Job cannot be changed: what makes the Job must name the newer tag',
  ],
  [
    'a kind that is not known',
    [{ kind: 'Rollout', newest: '1.25.5' }],
    'set-image',
    undefined,
    'change the image where this Rollout says it',
  ],
  [
    'a bare pod',
    [{ kind: 'Pod', newest: '1.25.5' }],
    'set-image',
    'kubectl -n default set image pod/web web=nginx:1.25.5',
    'nothing makes this pod anew: change where it comes from too',
  ],
  ['an ephemeral container', [{ field: 'ephemeral', newest: '1.25.5' }], 'set-image', undefined, undefined],
  [
    'nothing to go to',
    [{ image: 'nginx:latest', verdict: 'outdated', moved: true }],
    'set-image',
    undefined,
    undefined,
  ],
]

for (const [what, given, form, command, hints = []] of rows)
  t.test(what, async t => t.same(remedyFor(findings(given), form), { command, hints: [hints].flat() }))

const noName = 'no command is shown: a name in it would be none that Kubernetes allows'

t.test('names from a hostile cluster: no command, and a word why', async t => {
  const table: readonly Row[] = [
    { namespace: "a'; rm -rf /;'" },
    { name: '$(reboot)' },
    { name: '--server=http://evil.example' },
    { name: '-f' },
    { container: '`x`' },
    { container: '--all' },
  ]
  for (const row of table)
    for (const form of ['set-image', 'patch'] as const)
      t.same(remedyFor(findings([{ ...row, newest: '1.25.5' }]), form), {
        command: undefined,
        hints: [noName],
      })
})

t.test('an image that is no reference: no command, and a word why', async t => {
  const [finding] = findings([{ newest: '1.25.5' }])
  const hostile = finding === undefined ? [] : [{ ...finding, newestImage: 'nginx:1.25.5 --all' }]
  t.same(remedyFor(hostile, 'patch'), {
    command: undefined,
    hints: ['no command is shown: the image in it would be no reference'],
  })
})

const hint = (row: Row): string =>
  remedyFor(findings([{ newest: '1.25.5', ...row }]), 'patch').hints.join('; ')

t.test('a hint holds no free text of annotations and owners', async t => {
  const nameless =
    'a Helm release (chart nginx-15.4.2) manages it: set the tag in its values, often image.tag=1.25.5'
  const urgent = "web_ *URGENT* <!channel> run 'curl x|sh'"
  t.equal(hint({ manager: { ...release, name: urgent } }), nameless)
  t.equal(hint({ manager: { ...release, chart: '*x*' } }), helm.replace(' (chart nginx-15.4.2)', ''))
  t.equal(
    hint({ manager: { by: 'argo-cd', name: urgent, namespace: urgent } }),
    'an Argo CD application manages it: change the image in its source to 1.25.5',
  )
  t.equal(
    hint({ manager: { by: 'flux-kustomize', name: 'apps', namespace: urgent } }),
    'Flux Kustomization apps manages it: change the image in its source to 1.25.5',
  )
  t.equal(
    hint({ manager: { by: 'kustomize', path: urgent } }),
    'kustomize made it: change the image beside its kustomization.yaml, then apply it',
  )
  t.equal(hint({ kind: '*Rollout* <!channel>' }), 'change the image where this workload says it')
})

// What may stand in a command: our own words, names, and references, quoted as one word where a host is an IPv6 address.
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
const reference = '[A-Za-z0-9._:/-]+'
const image = `(?:${label}=${reference}|'${label}=\\[[0-9a-fA-F:]+\\]${reference}')`
const kinds = 'pod|replicationcontroller|deployment|daemonset|statefulset|replicaset|cronjob'
const start = `kubectl -n ${label}`
const name = `${label}(?:\\.${label})*`
const ours = new RegExp(
  `^(?:${start} set image (?:${kinds})/${name}(?: ${image})+|${start} patch (?:${kinds}) ${name} --patch '[^']+'|kustomize edit set image(?: (?:${reference}=${reference}|'[^']+'))+)$`,
)

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    'web',
    'a.b',
    '--server=http://evil.example',
    '-n',
    "a'b",
    '$(id)',
    '`id`',
    'a;b',
    'a\nb',
    '[::1]',
  ),
)
const managers: fc.Arbitrary<NonNullable<Row['manager']>> = fc.oneof(
  fc.record({
    by: fc.constant('helm'),
    name: nasty,
    namespace: nasty,
    chart: fc.option(nasty, { nil: undefined }),
  }),
  fc.record({ by: fc.constantFrom('flux-helm', 'flux-kustomize'), name: nasty, namespace: nasty }),
  fc.record({ by: fc.constant('argo-cd'), name: nasty, namespace: fc.option(nasty, { nil: undefined }) }),
  fc.record({ by: fc.constant('kustomize'), path: nasty }),
)
const image$ = fc.oneof(
  nasty,
  fc.constantFrom('nginx:1', '[::1]:5000/x:1', '-f:1', 'nginx:1 --all', "nginx:1'"),
)

t.test('whatever a cluster and a registry say, a command holds nothing of theirs but names', async t => {
  let made = 0
  const property = fc.property(
    fc.record({
      namespace: fc.oneof(nasty, fc.constant('shop')),
      name: fc.oneof(nasty, fc.constant('web')),
      container: fc.oneof(nasty, fc.constant('web')),
      kind: fc.oneof(nasty, fc.constantFrom('Deployment', 'CronJob', 'Pod')),
      field: fc.constantFrom('container', 'init', 'volume'),
      manager: fc.option(managers, { nil: undefined }),
    }),
    fc.record({
      newestImage: fc.option(image$, { nil: undefined }),
      image: image$,
      newest: fc.oneof(nasty, fc.constant('1.25.5')),
    }),
    fc.constantFrom('set-image', 'patch'),
    (row, tag, form) => {
      const rows = findings([{ ...row, newest: '1.25.5' }]).map(finding => ({ ...finding, ...tag }))
      const { command, hints } = remedyFor(rows, form)
      if (command !== undefined) made += 1
      if (command !== undefined && !ours.test(command)) throw new Error(command)
      for (const said of hints) if (!/^[A-Za-z0-9 .,:()=_/[\]-]*$/.test(said)) throw new Error(said)
    },
  )
  fc.assert(property, { numRuns: 3000 })
  t.ok(made > 0, 'some commands were made')
})
