import t from 'tap'
import { parseNoProxy, parseProxy, proxyChoice, proxyFromEnvironment } from '../../src/egress/proxy.ts'

t.test('addresses of proxies', t => {
  t.match(parseProxy('proxy.example:3128', undefined), {
    protocol: 'http:',
    hostname: 'proxy.example',
    port: 3128,
    authorization: undefined,
    origin: 'http://proxy.example:3128',
  })
  t.match(parseProxy('http://proxy.example', undefined), { port: 80 })
  t.match(parseProxy('https://proxy.example/', undefined), { protocol: 'https:', port: 443 })
  t.match(parseProxy('http://[fd00::1]:8080', undefined), { hostname: 'fd00::1', port: 8080 })
  t.match(parseProxy('http://only-a-name@p', undefined), { authorization: 'Basic b25seS1hLW5hbWU6' })
  for (const bad of ['', 'http://', 'socks5://p:1080', 'ftp://p', 'http://%zz@p', 'http://p:99999'])
    t.equal(parseProxy(bad, undefined), undefined, bad)
  t.end()
})

t.test('the environment', t => {
  t.same(proxyFromEnvironment({}), {})
  t.same(proxyFromEnvironment({ HTTPS_PROXY: '', https_proxy: '' }), {})
  t.same(proxyFromEnvironment({ HTTPS_PROXY: 'a', HTTP_PROXY: 'b', NO_PROXY: 'c' }), {
    https: 'a',
    http: 'b',
    except: 'c',
  })
  t.same(
    proxyFromEnvironment({
      HTTPS_PROXY: 'A',
      https_proxy: 'a',
      http_proxy: 'b',
      no_proxy: 'c',
      NO_PROXY: 'C',
    }),
    {
      https: 'a',
      http: 'b',
      except: 'c',
    },
  )
  t.end()
})

t.test('an address of the machine itself is never behind a proxy', t => {
  const settings = { https: 'http://proxy.example:3128', http: 'http://proxy.example:3128' }
  const choose = proxyChoice(settings, message => {
    throw new Error(message)
  })
  const rows: readonly (readonly [url: string, isProxied: boolean])[] = [
    ['https://r.example/', true],
    ['https://10.0.0.1/', true],
    ['http://[fd00::1]/', true],
    ['http://169.254.169.254/latest', false],
    ['http://169.254.1.1/', false],
    ['http://[fe80::1]/', false],
    ['http://[fd00:ec2::254]/', false],
    ['http://127.0.0.1/', false],
  ]
  for (const [url, isProxied] of rows)
    t.equal(choose(new URL(url))?.origin, isProxied ? settings.http : undefined, url)
  t.end()
})

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
