import t from 'tap'
import { printChecked, type Checked } from '../../../src/cli/print/checked.ts'
import { drift } from '../../notification/reports.ts'

const checked = (row: Parameters<typeof drift>[0]): Checked => ({
  evaluation: drift(row).evaluation,
  tag: undefined,
  rejected: undefined,
  taught: undefined,
  policy: undefined,
  support: undefined,
})
const both = [
  checked({ image: 'bitnami/airflow:3.0.5-debian-12-r0', newest: '3.0.7-debian-12-r6' }),
  checked({ newest: '1.25.5' }),
  checked({ image: 'busybox:1.36.1' }),
]
const screen = { width: Infinity, isColoured: false }

t.test('a table says which numbers count image revisions', async t => {
  t.equal(
    printChecked(both, 'table', screen),
    `VERDICT   IMAGE                               NEWEST              BEHIND  WHY
outdated  bitnami/airflow:3.0.5-debian-12-r0  3.0.7-debian-12-r6  4r      newer in line 1.25
outdated  nginx:1.25.1                        1.25.5              4       newer in line 1.25
current   busybox:1.36.1                      -                   -       newest in line 1.25

BEHIND with r counts image revisions (builds of one version), else versions
`,
  )
  t.equal(
    printChecked(both.slice(0, 1), 'wide', screen),
    `VERDICT   IMAGE                               NEWEST              BEHIND             WHY
outdated  bitnami/airflow:3.0.5-debian-12-r0  3.0.7-debian-12-r6  4 image revisions  newer in line 1.25
`,
  )
})

t.test('likewise for programs, where something is behind', async t => {
  const lines = printChecked(both, 'json', screen).trimEnd().split('\n')
  t.strictSame(
    lines.map(line => JSON.parse(line).counted),
    ['revisions', 'versions', undefined],
  )
})
