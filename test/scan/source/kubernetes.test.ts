import t from 'tap'
import { foundIn, readOne } from '../found.ts'

const digest = `sha256:${'a'.repeat(64)}`
const pod = (containers: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: n }\nspec:\n  containers:\n${containers}`

const rows: readonly (readonly [name: string, text: string, found: readonly string[]])[] = [
  ['plain', pod('  - name: a\n    image: nginx:1.25.1\n'), ['7:12 nginx:1.25.1 (Pod n/p, a) 1.25.1']],
  ['no name', pod('  - image: nginx:1.25.1\n'), ['6:12 nginx:1.25.1 (Pod n/p, containers[0]) 1.25.1']],
  ['quoted', pod('  - image: "nginx:1.25.1" # why\n'), ['6:13 nginx:1.25.1 (Pod n/p, containers[0]) 1.25.1']],
  ['single quotes', pod("  - image: 'r.io:5000/a:1'\n"), ['6:13 r.io:5000/a:1 (Pod n/p, containers[0]) 1']],
  ['no tag', pod('  - image: r.io:5000/a\n'), ['6:12 r.io:5000/a (Pod n/p, containers[0]) -']],
  ['pinned', pod(`  - image: a:1@${digest}\n`), [`6:12 a:1@${digest} (Pod n/p, containers[0]) 1 ${digest}`]],
  [
    'digest alone',
    pod(`  - image: a@${digest}\n`),
    [`6:12 a@${digest} (Pod n/p, containers[0]) - ${digest}`],
  ],
  ['escapes', pod('  - image: "ngin\\x78:1.25.1"\n'), ['6:13 nginx:1.25.1 (Pod n/p, containers[0]) -']],
  ['folded', pod('  - image: >-\n      nginx:1.25.1\n'), ['6:12 nginx:1.25.1 (Pod n/p, containers[0]) -']],
  [
    'a tag of YAML',
    pod('  - image: !!str nginx:1.25.1\n'),
    ['6:18 nginx:1.25.1 (Pod n/p, containers[0]) 1.25.1'],
  ],
  [
    'CRLF and BOM',
    `\uFEFF${pod('  - image: nginx:1\n').replaceAll('\n', '\r\n')}`,
    ['6:12 nginx:1 (Pod n/p, containers[0]) 1'],
  ],
  [
    'an alias, at its anchor',
    pod('  - {name: a, image: &i nginx:1.25.1}\n  - {name: b, image: *i}\n'),
    ['6:25 nginx:1.25.1 (Pod n/p, a) 1.25.1', '6:25 nginx:1.25.1 (Pod n/p, b) 1.25.1'],
  ],
  [
    'a merged mapping',
    pod('  - &c {name: a, image: nginx:1}\n  - {<<: *c, name: b}\n  - {<<: *c, image: redis:7}\n'),
    ['6:25 nginx:1 (Pod n/p, a) 1', '6:25 nginx:1 (Pod n/p, b) 1', '8:21 redis:7 (Pod n/p, a) 7'],
  ],
  [
    'a repeated key: the last counts',
    pod('  - image: nginx:1\n    image: nginx:2\n'),
    ['7:12 nginx:2 (Pod n/p, containers[0]) 2'],
  ],
  [
    'JSON with tabs',
    '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"spec": {"containers": [{"name": "a", "image": "nginx:1"}]}\n}',
    ['4:50 nginx:1 (Pod, a) 1'],
  ],
  [
    'init, ephemeral, image volume',
    'apiVersion: v1\nkind: Pod\nspec:\n  initContainers: [{name: i, image: a:1}]\n  ephemeralContainers: [{name: e, image: b:2}]\n  volumes: [{name: v, image: {reference: c:3}}]\n',
    ['4:37 a:1 (Pod, i) 1', '5:42 b:2 (Pod, e) 2', '6:42 c:3 (Pod, v) 3'],
  ],
  [
    'documents, and comments around ---',
    '# one\n--- # two\napiVersion: v1\nkind: Pod\nspec: {containers: [{image: a:1}]}\n...\n---\n# only a comment\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{image: b:2}]}}}}}\n',
    ['5:29 a:1 (Pod, containers[0]) 1', '13:68 b:2 (CronJob c, containers[0]) 2'],
  ],
  [
    'lists',
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: DeploymentList\n  items: [{metadata: {name: w}, spec: {template: {spec: {containers: [{image: a:1}]}}}}]\n',
    ['6:79 a:1 (Deployment w, containers[0]) 1'],
  ],
  [
    'a custom kind with several templates',
    'apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: r}\nspec:\n  headGroupSpec: {template: {spec: {containers: [{name: c, image: a:1}]}}}\n  workerGroupSpecs: [{groupName: g, template: {spec: {containers: [{name: c, image: b:2}]}}}]\n',
    ['5:67 a:1 (RayCluster r, headGroupSpec/c) 1', '6:85 b:2 (RayCluster r, workerGroupSpecs[0]/c) 2'],
  ],
  ['another kind', 'apiVersion: v1\nkind: ConfigMap\ndata: {image: a:1}\n', []],
  ['a list as image', pod('  - image: [a:1]\n'), []],
]

t.test('the images of Kubernetes objects, each with its place', async t => {
  for (const [name, text, found] of rows) t.strictSame(foundIn('a.yaml', text), found, name)
})

t.test('one broken document does not hide the others', async t => {
  const { images, unread } = readOne(
    'a.yaml',
    `${pod('  - image: a:1\n')}---\nkind: [image\n---\n${pod('  - image: b:2\n')}`,
  )
  t.strictSame(
    images.map(({ found }) => found.image),
    ['a:1', 'b:2'],
  )
  t.strictSame(unread, [
    { file: 'a.yaml', position: { line: 9, column: 1 }, message: 'not YAML: bad indent' },
  ])
})

t.test('the template of Helm output', async t => {
  const text = `---\n# Source: web/templates/a.yaml\n${pod('  - image: a:1\n')}---\n# Source: web/templates/b.yaml\n${pod('  - image: b:2\n')}`
  t.strictSame(
    readOne('stdin', text).images.map(({ template }) => template),
    [
      { file: 'web/templates/a.yaml', line: undefined },
      { file: 'web/templates/b.yaml', line: undefined },
    ],
  )
})
