import t from 'tap'

import { parseProxy, proxyChoice, proxyFromEnvironment } from '../../src/egress/proxy.ts'

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
