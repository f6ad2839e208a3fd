import t from 'tap'
import { shortenImage, withoutMiddle, printTable, type Column } from '../../../src/cli/terminal/table.ts'

interface Row {
  readonly verdict: string
  readonly image: string
  readonly workload: string
}

const columns: readonly Column<Row>[] = [
  {
    heading: 'VERDICT',
    cell: ({ verdict }) => verdict,
    style: ({ verdict }) => (verdict === 'bad' ? 'red' : undefined),
  },
  { heading: 'IMAGE', cell: ({ image }) => image, most: 1 / 2, shorten: shortenImage },
  { heading: 'WORKLOAD', cell: ({ workload }) => workload, shorten: withoutMiddle },
]
const plain = { width: 40, isColoured: false }
const near = { verdict: 'bad', image: 'nginx:1.25.1', workload: 'shop/web' }
const far = {
  verdict: 'good',
  image: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen/controller:v1.9.4',
  workload: 'ingress-nginx/deployment/ingress-nginx-controller',
}

t.test('what fits stands in columns', async t => {
  t.equal(
    printTable(columns, [near], plain),
    'VERDICT  IMAGE         WORKLOAD\nbad      nginx:1.25.1  shop/web\n',
  )
  t.equal(printTable(columns, [], plain), 'VERDICT  IMAGE  WORKLOAD\n')
})

t.test('what does not goes on in the next line, and is cut only where no line holds it', async t => {
  t.equal(
    printTable(columns, [near, far], { ...plain, width: 80 }),
    `VERDICT  IMAGE         WORKLOAD
bad      nginx:1.25.1  shop/web
good     registry.k8s.io/ingress-nginx/kube-webhook-certgen/controller:v1.9.4
         ingress-nginx/deployment/ingress-nginx-controller
`,
  )
  t.equal(
    printTable(columns, [far], { ...plain, width: 60 }),
    `VERDICT  IMAGE  WORKLOAD
good     registry.k8s.io/.../controller:v1.9.4
         ingress-nginx/deployment/ingress-nginx-controller
`,
  )
})

t.test('without a width nothing goes on in another line', async t => {
  const wide = printTable(columns, [near, far], { width: Infinity, isColoured: false })
  t.equal(wide.split('\n').length, 4)
  t.match(wide, `good     ${far.image}  ${far.workload}\n`)
})

t.test('colours change nothing but colours', async t => {
  const coloured = printTable(columns, [near, far], { ...plain, isColoured: true })
  t.match(coloured, '\u001b[31mbad\u001b[39m      nginx')
  t.match(coloured, '\u001b[1mVERDICT\u001b[22m')
  // oxlint-disable-next-line eslint/no-control-regex
  t.equal(coloured.replaceAll(/\u001b\[\d+m/g, ''), printTable(columns, [near, far], plain))
})

const images: readonly (readonly [image: string, width: number, expected: string])[] = [
  ['nginx:1.25.1', 12, 'nginx:1.25.1'],
  ['nginx:1.25.1-a-very-long-tag', 12, 'nginx:1.25.1-a-very-long-tag'],
  ['bitnami/charts/airflow:3.0.5', 20, '.../airflow:3.0.5'],
  ['registry.example.com:5000/team/group/app:1.0.0', 40, 'registry.example.com:5000/.../app:1.0.0'],
  ['registry.example.com:5000/app:1.0.0', 20, 'registry.example.com:5000/app:1.0.0'],
  ['localhost/team/app:1.0.0', 20, 'localhost/.../app:1.0.0'],
  [`busybox:1.38.0@sha256:${'fd8d'.repeat(16)}`, 60, 'busybox:1.38.0@sha256:fd8dfd8dfd8d...'],
  [`ghcr.io/a/b/c/d:1.0@sha256:${'fd8d'.repeat(16)}`, 30, 'ghcr.io/.../d:1.0@sha256:fd8dfd8dfd8d...'],
]

t.test('an image keeps its registry and its tag, however little room there is', async t => {
  for (const [image, width, expected] of images) t.equal(shortenImage(image, width), expected, image)
})

t.test('other texts lose their middle', async t => {
  t.equal(withoutMiddle('abc', 3), 'abc')
  t.equal(withoutMiddle('shop/deployment/a-long-name', 12), 'shop...-name')
})
