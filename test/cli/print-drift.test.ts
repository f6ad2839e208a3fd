import t from 'tap'
import { printDrift } from '../../src/cli/print-drift.ts'
import { report } from '../notification/reports.ts'

const day = 86_400_000
const rows = [
  { newest: '1.25.5', since: 3 * day },
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

t.test('a table', async t => {
  t.equal(
    printDrift({ ...report(rows), finishedAt: 10 * day }, 'table'),
    `NAMESPACE  WORKLOAD           CONTAINER  IMAGE             VERDICT   NEWEST  BEHIND  SINCE  REASON
default    deployment/web     web        nginx:1.25.1      outdated  1.25.5  4       7d     newer
shop       statefulset/db     db         redis:7.2.5       current   -       -       -      newest
shop       deployment/=cmd()  a"b,c      not an image?[2J  unknown   -       -       -      invalid-reference
`,
  )
  t.equal(printDrift(report([]), 'table'), '')
})

t.test('comma-separated values that no spreadsheet takes for a formula', async t => {
  const [header, first, , hostile] = printDrift({ ...report(rows), finishedAt: 10 * day }, 'csv').split(
    '\r\n',
  )
  t.equal(
    header,
    'namespace,kind,workload,container,image,verdict,current,newest,behind,since,newestOverall,reason,mode',
  )
  t.equal(
    first,
    'default,Deployment,web,web,nginx:1.25.1,outdated,1.25.1,1.25.5,4,1970-01-04T00:00:00.000Z,,newer,warn',
  )
  t.match(hostile, /^shop,Deployment,'=cmd\(\),"a""b,c",/)
})

t.test('one JSON object a line', async t => {
  const lines = printDrift({ ...report(rows), finishedAt: 10 * day }, 'json')
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
