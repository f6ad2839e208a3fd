import t from 'tap'
import { acceptsGzip } from '../../src/http/accepts-gzip.ts'

const table: readonly (readonly [header: string | undefined, accepted: boolean])[] = [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['x-gzip', true],
  ['deflate, GZip', true],
  ['gzip;q=0.5', true],
  ['gzip ; Q=0', false],
  ['gzip;q=0.000, *;q=1', false],
  ['*', true],
  ['*;q=0', false],
  ['br, identity', false],
  ['gzip;q=much', false],
  ['gzip;level=1', true],
]

for (const [header, accepted] of table)
  t.equal(acceptsGzip(header), accepted, `${header}: ${accepted ? 'gzip' : 'not'}`)
t.equal(acceptsGzip(['deflate', 'gzip']), true)
