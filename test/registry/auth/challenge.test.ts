import t from 'tap'

import { parseChallenges } from '../../../src/registry/auth/challenge.ts'

const rows: readonly (readonly [header: string, expected: readonly unknown[]])[] = [
  ['', []],
  ['Basic', [['basic', {}]]],
  ['Basic realm="x"', [['basic', { realm: 'x' }]]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/nginx:pull,push',
        },
      ],
    ],
  ],
  ['BEARER REALM="https://x/t" , Service = y', [['bearer', { realm: 'https://x/t', service: 'y' }]]],
  [
    'Basic realm="a, Bearer realm=b", Bearer realm="https://x/t"',
    [
      ['basic', { realm: 'a, Bearer realm=b' }],
      ['bearer', { realm: 'https://x/t' }],
    ],
  ],
  [
    'Negotiate, Basic realm=x',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'Negotiate oYIB/+==, Bearer realm="https://x/t"',
    [
      ['negotiate', {}],
      ['bearer', { realm: 'https://x/t' }],
    ],
  ],
  ['Bearer realm="a\\"b\\\\c"', [['bearer', { realm: 'a"b\\c' }]]],
  ['Bearer realm=https://x/t?a=b', [['bearer', { realm: 'https://x/t?a=b' }]]],
  ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
  ['Bearer realm="not closed', [['bearer', { realm: '' }]]],
  ['Bearer realm=', [['bearer', {}]]],
  ['"', []],
  [', ,Basic realm="x",,', [['basic', { realm: 'x' }]]],
]

t.test('challenges are read as RFC 9110 has them', t => {
  for (const [header, expected] of rows) {
    const read = parseChallenges(header).map(({ scheme, parameters }) => [
      scheme,
      Object.fromEntries(parameters),
    ])
    t.same(read, expected, header)
  }
  t.end()
})

t.test('hostile headers are read in linear time', t => {
  const many = 16_000
  for (const piece of ['a ', 'a=', '"', '\\', ' ', ',', 'a="\\', 'Bearer ', '='])
    parseChallenges(`Bearer ${piece.repeat(many / piece.length)}!`)
  t.end()
})
