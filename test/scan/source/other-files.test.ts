import t from 'tap'
import { foundIn, readOne } from '../found.ts'

const digest = `sha256:${'a'.repeat(64)}`
type Row = readonly [name: string, text: string, found: readonly string[]]

const values: readonly Row[] = [
  [
    'repository and tag',
    'image:\n  repository: a/b\n  tag: 1.25.1 # why\n',
    ['3:8 a/b:1.25.1 (values, image) 1.25.1'],
  ],
  [
    'a registry',
    'web:\n  image: {registry: r.io, repository: a/b, tag: "1.0"}\n',
    ['2:50 r.io/a/b:1.0 (values, web.image) 1.0'],
  ],
  [
    'a digest beside',
    `image: {repository: a, tag: v1, digest: "${digest}"}\n`,
    [`1:29 a:v1@${digest} (values, image) v1 ${digest}`],
  ],
  [
    'the digits of a digest',
    `image: {repository: a, tag: v1, sha: ${'a'.repeat(64)}}\n`,
    [`1:29 a:v1@${digest} (values, image) v1`],
  ],
  [
    'only a digest',
    `image: {repository: a, digest: ${digest}}\n`,
    [`1:32 a@${digest} (values, image) - ${digest}`],
  ],
  ['name in place of repository', 'image: {name: a/b, tag: v1}\n', ['1:25 a/b:v1 (values, image) v1']],
  [
    'a whole reference',
    'image: a/b:v1\nsidecarImage: c:v2\nmy-image: d:v3\n',
    [
      '1:8 a/b:v1 (values, image) v1',
      '2:15 c:v2 (values, sidecarImage) v2',
      '3:11 d:v3 (values, my-image) v3',
    ],
  ],
  ['a reference with its tag beside', 'image: a/b\nimageTag: v1\n', ['2:11 a/b:v1 (values, image) v1']],
  ['the tag in the repository', 'image: {repository: "a:v1"}\n', ['1:22 a:v1 (values, image) v1']],
  [
    'lists',
    'extra:\n- image: a:v1\n- image: {repository: b, tag: v2}\n',
    ['2:10 a:v1 (values, extra[0].image) v1', '3:31 b:v2 (values, extra[1].image) v2'],
  ],
  ['a number for YAML', 'image: {repository: a, tag: 1.20}\n', ['1:29 a:1.20 (values, image) -']],
  ['an alias', 'a: &i {repository: a, tag: v1}\nimage: *i\n', ['1:28 a:v1 (values, a) v1']],
  [
    'templates, words and addresses are none',
    'image: "{{ .Values.x }}"\nimagePullPolicy: Always\nimage2: true\ngit: {repository: "https://x.io/a", tag: v1}\nimages: a:v1\n',
    [],
  ],
  ['without a tag nothing is known', 'image: {repository: a, tag: ""}\nimageName: web\n', []],
]

t.test('the images of Helm values', async t => {
  for (const [name, text, found] of values)
    t.strictSame(foundIn('values-prod.yaml', text, { isNamed: false }), found, name)
  t.strictSame(foundIn('other.yaml', 'image: a:v1\n', { isNamed: false }), [], 'other YAML is none')
  t.equal(foundIn('other.yaml', 'image: a:v1\n').length, 1, 'unless a person names it')
  t.strictSame(
    foundIn('chart/values.yaml', 'image: {repository: a, tag: ""}\n', { appVersion: '1.2.3' }),
    ['1:21 a:1.2.3 (values, image) -'],
    'the version of the application in place of an empty tag',
  )
})

const compose: readonly Row[] = [
  ['plain', 'services:\n  db: {image: postgres:16.1}\n', ['2:15 postgres:16.1 (service db) 16.1']],
  [
    'a default',
    'services:\n  db: {image: "postgres:${PG:-16.1}"}\n',
    ['2:16 postgres:16.1 (service db) 16.1'],
  ],
  [
    'a default that is the whole',
    'services: {db: {image: "${IMAGE-a:v1}"}}\n',
    ['1:25 a:v1 (service db) v1'],
  ],
  [
    'a built one is not pulled',
    'services: {web: {build: ., image: a:v1}, x: {image: b:v2}}\n',
    ['1:53 b:v2 (service x) v2'],
  ],
  ['a dollar sign', 'services: {x: {image: "a:v1$$"}}\n', ['1:24 a:v1$ (service x) -']],
]

t.test('the images of compose files', async t => {
  for (const [name, text, found] of compose)
    t.strictSame(foundIn('compose.yaml', text, { isNamed: false }), found, name)
  const { notes } = readOne('docker-compose.yml', 'services:\n  x:\n    image: ${I}\n')
  t.strictSame(notes, ['docker-compose.yml:3: service x: I has no default, so the image is not known'])
})

const objects: readonly Row[] = [
  [
    'kustomize',
    'images:\n- {name: a, newTag: v1}\n- {name: b, newName: r.io/b, digest: "' + digest + '"}\n- {name: c}\n',
    ['2:21 a:v1 (Kustomization, image a) v1', `3:39 r.io/b@${digest} (Kustomization, image b) - ${digest}`],
  ],
  ['kustomize, a number', 'images: [{name: a, newTag: 1.20}]\n', ['1:28 a:1.20 (Kustomization, image a) -']],
  [
    'Flux: a HelmRelease',
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: w, namespace: n}\nspec: {values: {image: {repository: a, tag: v1}}}\n',
    ['4:45 a:v1 (HelmRelease n/w, image) v1'],
  ],
  [
    'Flux: an OCIRepository',
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: w}\nspec: {url: "oci://ghcr.io/a/b", ref: {tag: 1.2.3}}\n',
    ['4:45 ghcr.io/a/b:1.2.3 (OCIRepository w, ref) 1.2.3'],
  ],
  [
    'Flux: a range is followed by Flux',
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec: {url: "oci://ghcr.io/a/b", ref: {tag: v1, semver: 1.x}}\n',
    [],
  ],
  [
    'Flux: a Kustomization',
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec: {images: [{name: a, newTag: v1}]}\n',
    ['4:35 a:v1 (Kustomization k, image a) v1'],
  ],
  [
    'Argo CD: values, parameters of kustomize, several sources',
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: w}
spec:
  source:
    kustomize: {images: ['a=r.io/a:v1', b:v2, c=d]}
  sources:
  - helm:
      valuesObject: {image: {repository: e, tag: v3}}
  - helm:
      values: |
        # why
        image:
          repository: f
          tag: v4
`,
    [
      '6:29 r.io/a:v1 (Application w, kustomize 0) v1',
      '6:41 b:v2 (Application w, kustomize 1) v2',
      '9:50 e:v3 (Application w, image) v3',
      '15:16 f:v4 (Application w, image) v4',
    ],
  ],
]

t.test('the images of kustomize, Flux and Argo CD', async t => {
  for (const [name, text, found] of objects) {
    t.strictSame(foundIn('kustomization.yaml', text, { isNamed: false }), found, name)
    const crlf = text.replaceAll('\n', '\r\n')
    t.strictSame(foundIn('kustomization.yaml', crlf, { isNamed: false }), found, `${name}, CRLF`)
  }
})

const workflows: readonly Row[] = [
  [
    'jobs',
    `on: push
jobs:
  a:
    container: node:20.1.0
    services:
      pg: {image: postgres:16.1}
    steps:
    - uses: actions/checkout@v4
    - {name: lint, uses: 'docker://r.io/lint:v1'}
  b:
    container: {image: "docker://x:v2"}
    services: {y: {image: "\${{ matrix.image }}"}}
`,
    [
      '4:16 node:20.1.0 (job a, container) 20.1.0',
      '6:19 postgres:16.1 (job a, pg) 16.1',
      '9:36 r.io/lint:v1 (job a, lint) v1',
      '11:34 x:v2 (job b, container) v2',
    ],
  ],
]

t.test('the images of GitHub workflows and actions', async t => {
  for (const [name, text, found] of workflows)
    t.strictSame(foundIn('.github/workflows/ci.yml', text, { isNamed: false }), found, name)
  t.strictSame(
    foundIn('action.yml', 'name: x\nruns: {using: docker, image: "docker://a:v1"}\n', { isNamed: false }),
    ['2:40 a:v1 (action x) v1'],
  )
  t.strictSame(foundIn('action.yml', 'runs: {using: docker, image: Dockerfile}\n', { isNamed: false }), [])
})
