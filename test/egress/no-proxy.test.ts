import t from 'tap'
import { parseNoProxy } from '../../src/egress/no-proxy.ts'

// NO_PROXY, then who goes without a proxy and who does not.
const rows: readonly (readonly [string, without: readonly string[], through: readonly string[]])[] = [
  ['', ['localhost', '127.0.0.1', '::1', 'a.localhost', 'LOCALHOST.'], ['r.example', '10.0.0.1']],
  ['*', ['r.example', '10.0.0.1', 'fd00::1'], []],
  [
    'r.example',
    ['r.example', 'R.Example', 'r.example.', 'a.r.example'],
    ['xr.example', 'example', 'r.example.evil'],
  ],
  ['.r.example', ['a.r.example', 'b.a.r.example'], ['r.example', 'xr.example']],
  ['*.r.example', ['a.r.example'], ['r.example', 'xr.example']],
  ['R.EXAMPLE.', ['r.example'], ['x.example']],
  ['r.example:5000', ['r.example:5000', 'a.r.example:5000'], ['r.example', 'r.example:5001']],
  ['*:5000', ['r.example:5000'], ['r.example']],
  ['10.0.0.1', ['10.0.0.1', '10.0.0.1:5000'], ['10.0.0.10', '10.0.0.2']],
  ['10.0.0.1:5000', ['10.0.0.1:5000'], ['10.0.0.1']],
  ['10.0.0.0/8', ['10.0.0.1', '10.255.255.255:5000'], ['11.0.0.1', 'r.example']],
  ['fd00::/8', ['fd00::1'], ['fc00::1', '10.0.0.1']],
  ['fd00::1', ['fd00::1'], ['fd00::2']],
  ['[fd00::1]', ['fd00::1'], ['fd00::2']],
  ['[fd00::1]:5000', ['fd00::1 5000'], ['fd00::1']],
  [' a.example ,, b.example c.example\t', ['a.example', 'b.example', 'c.example'], ['d.example']],
  ['.svc,.cluster.local,10.96.0.0/12', ['r.infra.svc', 'r.infra.svc.cluster.local', '10.96.3.4'], ['r.svcs']],
  ['10.0.0.0/99,http://r.example,a/b', [], ['10.0.0.1', 'r.example', 'a']],
]

t.test('what is reached without a proxy', t => {
  for (const [text, without, through] of rows) {
    const isExcepted = parseNoProxy(text)
    for (const [names, expected] of [
      [without, true],
      [through, false],
    ] as const)
      for (const name of names) {
        const [, host = name, port = '443'] = /^(.*?) (\d+)$/.exec(name) ?? /^([^:]+):(\d+)$/.exec(name) ?? []
        t.equal(isExcepted(host, Number(port)), expected, `${JSON.stringify(text)}: ${name}`)
      }
  }
  t.end()
})
