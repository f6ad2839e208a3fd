import t from 'tap'
import { distanceOf } from '../../src/audit/index.ts'
import { drift } from '../notification/reports.ts'

const rows: readonly (readonly [image: string, behind: number, distance: string])[] = [
  ['nginx:1.25.1', 4, '4 versions'],
  ['nginx:1.25.1', 1, '1 version'],
  ['nginx:1.25.1-alpine', 2, '2 versions'],
  ['bitnami/airflow:3.0.5-debian-12-r0', 16, '16 image revisions'],
  ['acme/web:1.2.3-r4', 1, '1 image revision'],
  ['nginx', 1, '1 version'],
]

for (const [image, behind, distance] of rows)
  t.test(`${image}: ${distance}`, async t => {
    t.equal(distanceOf({ ...drift({ image, newest: 'x' }).evaluation, behind }), distance)
  })
