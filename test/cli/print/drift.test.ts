import t from 'tap'
import { printDrift } from '../../../src/cli/print/drift.ts'
import { remarksOn } from '../../../src/cli/print/remarks.ts'
import { report } from '../../notification/reports.ts'

const day = 86_400_000
const rows = [
  { newest: '1.25.5', since: 3 * day, source: 'https://github.com/nginx/docker-nginx' },
  { namespace: 'shop', kind: 'StatefulSet', name: 'db', container: 'db', image: 'redis:7.2.5' },
  {
    namespace: 'shop',
    name: '=cmd()',
    container: 'a"b,c',
    image: 'not an image\u001b[2J',
    verdict: 'unknown',
    reason: 'invalid-reference',
  },
] as const

const screen = { width: 80, isColoured: false }

t.test('a table, the worst first', async t => {
  t.equal(
    printDrift({ ...report(rows), finishedAt: 10 * day }, 'table', screen),
    `VERDICT   IMAGE             NEWEST  BEHIND  WORKLOAD
          REASON
outdated  nginx:1.25.1      1.25.5  4       default/deployment/web
unknown   not an image?[2J  -       -       shop/deployment/=cmd() (a"b,c)
          invalid-reference
current   redis:7.2.5       -       -       shop/statefulset/db
`,
  )
  t.equal(
    printDrift(report([]), 'table', screen),
    'VERDICT  IMAGE  NEWEST  BEHIND  WORKLOAD  REASON\n',
    'a header says that there is nothing',
  )
})

const airflow = { image: 'bitnami/airflow:3.0.5-debian-12-r0', newest: '3.0.7-debian-12-r6' }

t.test('image revisions are no versions', async t => {
  const two = report([airflow, { name: 'box', newest: '1.25.5' }])
  const narrow = printDrift(two, 'table', { ...screen, width: Infinity })
  t.match(narrow, /airflow:3\.0\.5-debian-12-r0 +3\.0\.7-debian-12-r6 +4r +default/)
  t.match(narrow, /nginx:1\.25\.1 +1\.25\.5 +4 +default/)
  const legend = 'BEHIND with r counts image revisions (builds of one version), else versions'
  t.strictSame(remarksOn(two, two.rows, 'table'), [legend])
  t.strictSame(remarksOn(two, two.rows.slice(1), 'table'), [])
  t.match(printDrift(two, 'wide', { ...screen, width: Infinity }), /r6 +4 image revisions +- +newer\n/)
  t.strictSame(remarksOn(two, two.rows, 'wide'), [])
  const [header = '', first = '', second = ''] = printDrift(two, 'csv', screen).split('\r\n')
  t.match(header, /,source,counted,policy,wouldRefuse,exception,breakGlass,waiting,waitingUntil$/)
  t.match([first, second], [/,revisions,,false,,,,$/, /,versions,,false,,,,$/])
  t.match(JSON.parse(printDrift(two, 'json', screen).split('\n')[0] ?? ''), {
    behind: 4,
    counted: 'revisions',
  })
})

t.test('a wide one has all columns', async t => {
  const wide = { width: Infinity, isColoured: false }
  t.equal(
    printDrift({ ...report(rows), finishedAt: 10 * day }, 'wide', wide),
    `NAMESPACE  WORKLOAD           CONTAINER  IMAGE             VERDICT   NEWEST  BEHIND  SINCE  REASON
default    deployment/web     web        nginx:1.25.1      outdated  1.25.5  4       7d     newer
shop       deployment/=cmd()  a"b,c      not an image?[2J  unknown   -       -       -      invalid-reference
shop       statefulset/db     db         redis:7.2.5       current   -       -       -      newest
`,
  )
})

t.test('80 columns hold every line of long names, which lose neither registry nor tag', async t => {
  const images = [
    'docker.io/bitnami/elasticsearch:8.13.0-debian-12-r0',
    'registry.k8s.io/ingress-nginx/kube-webhook-certgen-with-a-long-name/controller-chroot:v1.9.4-gke.1',
    'ghcr.io/prometheus-community/ipmi-exporter:v1.10.1',
  ]
  const long = images.map((image, at) => ({
    namespace: 'rel-prometheus-ipmi-exporter',
    name: `rel-prometheus-ipmi-exporter-${'x'.repeat(30 * at)}`,
    container: 'wait-for-db-migrations',
    image,
    newest: '8.13.4-debian-12-r3',
  }))
  const lines = printDrift(report(long), 'table', screen).trimEnd().split('\n')
  for (const line of lines) t.ok(line.length <= 80, line)
  for (const image of images) t.match(lines.join('\n'), image.slice(image.lastIndexOf('/')))
  t.match(lines.join('\n'), 'registry.k8s.io/.../controller-chroot:v1.9.4-gke.1')
  t.match(lines.join('\n'), 'ghcr.io/prometheus-community/ipmi-exporter:v1.10.1')
})

t.test('comma-separated values that no spreadsheet takes for a formula', async t => {
  const [header, first, , hostile] = printDrift(
    { ...report(rows), finishedAt: 10 * day },
    'csv',
    screen,
  ).split('\r\n')
  t.equal(
    header,
    'namespace,kind,workload,container,image,verdict,current,newest,behind,since,newestOverall,reason,mode,' +
      'detail,elsewhere,apiVersion,field,origin,registry,repository,line,strategy,pods,moved,checkedAt,stale,overdue,page,source,counted,policy,wouldRefuse,exception,breakGlass,waiting,waitingUntil',
  )
  t.equal(
    first,
    'default,Deployment,web,web,nginx:1.25.1,outdated,1.25.1,1.25.5,4,1970-01-04T00:00:00.000Z,,newer,warn,' +
      ',,apps/v1,container,template,docker.io,library/nginx,1.25,patch,1,false,1970-01-11T00:00:00.000Z,false,false,https://hub.docker.com/_/nginx/tags?name=1.25.5,https://github.com/nginx/docker-nginx,versions,,false,,,,',
  )
  t.match(hostile, /^shop,Deployment,'=cmd\(\),"a""b,c",/)
})

t.test('an emergency is in a column, and in JSON', async t => {
  const emergency = { policy: 'strict', reason: '=1+1, the shop is down', channel: undefined }
  const drifted = report([{ newest: '1.25.5', emergency }])
  t.match(printDrift(drifted, 'csv', screen).split('\r\n')[1], /,,"'=1\+1, the shop is down",,$/)
  t.match(JSON.parse(printDrift(drifted, 'json', screen)), { breakGlass: '=1+1, the shop is down' })
})

t.test('a tag that waits for its age', async t => {
  const waiting = { tag: '1.25.6', until: 9 * day }
  const rowsOf = report([
    { reason: 'waiting', waiting },
    { newest: '1.25.5', waiting },
  ])
  const wide = printDrift(rowsOf, 'wide', { ...screen, width: Infinity })
  t.match(wide, / waiting: 1\.25\.6 until 1970-01-10T00:00:00\.000Z\n/)
  t.match(wide, / newer; waiting: 1\.25\.6 until 1970-01-10T00:00:00\.000Z\n/)
  t.match(printDrift(rowsOf, 'csv', screen).split('\r\n')[1], /,1\.25\.6,1970-01-10T00:00:00\.000Z$/)
  const [item = ''] = printDrift(rowsOf, 'json', screen).split('\n')
  t.match(JSON.parse(item), { waiting: { tag: '1.25.6', until: '1970-01-10T00:00:00.000Z' } })
})

const told = [
  { image: 'nginx:1.25.5', reason: 'other-variant', elsewhere: '1.25.6-alpine' },
  { image: 'nginx:1.25.4', origin: 'older-pod', newest: '1.25.5' },
  { name: 'late', overdue: true, age: 26 * 3_600_000, detail: 'docker.io/library/nginx: 503' },
  { name: 'soon', overdue: true, age: 40 * 60_000, detail: 'docker.io/library/nginx: 503' },
] as const

t.test('where a line goes on, what older pods run, and how old what is said is', async t => {
  const drifted = { ...report(told), finishedAt: 10 * day }
  t.equal(
    printDrift(drifted, 'table', screen),
    `VERDICT   IMAGE         NEWEST  BEHIND  WORKLOAD
          REASON
outdated  nginx:1.25.4  1.25.5  4       default/deployment/web (older pods)
current   nginx:1.25.5  -       -       default/deployment/web
          other-variant: 1.25.6-alpine
current   nginx:1.25.1  -       -       default/deployment/late (web)
          newest (26h old)
current   nginx:1.25.1  -       -       default/deployment/soon (web)
          newest (40m old)
`,
  )
  const lines = printDrift(drifted, 'csv', screen).split('\r\n')
  t.match(lines[1], /,other-variant,warn,,1\.25\.6-alpine,apps\/v1,container,template,/)
  t.match(lines[2], /,older-pod,/)
  t.match(
    lines[3],
    /,warn,docker\.io\/library\/nginx: 503,.*,1970-01-09T22:00:00\.000Z,false,true,https:\/\/hub\.docker\.com\/_\/nginx\/tags,,versions,,false,,,,$/,
  )
  const [first = '', , late = ''] = printDrift(drifted, 'json', screen).split('\n')
  t.match(JSON.parse(first), { elsewhere: '1.25.6-alpine', origin: 'template', overdue: false })
  t.match(JSON.parse(late), { overdue: true, detail: 'docker.io/library/nginx: 503' })
  for (const format of ['table', 'json', 'csv'] as const)
    t.strictSame(remarksOn({ ...drifted, ignored: ['shop: x'] }, drifted.rows, format), [
      'shop: x',
      'tags are 26h old: docker.io/library/nginx: 503',
      'tags are 40m old: docker.io/library/nginx: 503',
    ])
})

t.test('one JSON object a line', async t => {
  const lines = printDrift({ ...report(rows), finishedAt: 10 * day }, 'json', screen)
    .trimEnd()
    .split('\n')
  t.equal(lines.length, 3)
  t.match(JSON.parse(lines[0] ?? ''), {
    namespace: 'default',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    registry: 'docker.io',
    repository: 'library/nginx',
    current: '1.25.1',
    newest: '1.25.5',
    since: '1970-01-04T00:00:00.000Z',
    checkedAt: '1970-01-11T00:00:00.000Z',
  })
})
