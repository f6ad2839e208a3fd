import t from 'tap'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'
import { run } from '../run.ts'

const kubernetes = 'v1.19.12-rc.0 v1.19.12 v1.19.16-rc.0 v1.19.16 v1.19.17-rc.0'
const nginx = '1.25.1 1.25.2 1.25.3 1.25.4 1.25.5 1.26.0'

function check(image: string, tags: string, options: readonly string[]) {
  return run(['check', image, '--tags-from', '-', ...options], { '-': tags.replaceAll(' ', '\n') })
}

t.test('what may be offered', async t => {
  const rows: readonly (readonly [string, string, readonly string[], object])[] = [
    ['nginx:1.25.1', nginx, ['--range', '<1.25.4'], { newest: '1.25.3', behind: 2 }],
    ['nginx:1.25.1', nginx, ['--range', '>=2'], { verdict: 'current' }],
    ['nginx:1.25.1', nginx, ['--never', '1.25.5', '--never', '*.4'], { newest: '1.25.3' }],
    ['kube-proxy:v1.19.12-rc.0', kubernetes, [], { newest: 'v1.19.17-rc.0' }],
    ['kube-proxy:v1.19.12-rc.0', kubernetes, ['--pre-releases', 'follow'], { newest: 'v1.19.17-rc.0' }],
    ['kube-proxy:v1.19.12-rc.0', kubernetes, ['--pre-releases', 'leave'], { newest: 'v1.19.16' }],
  ]
  for (const [image, tags, options, expected] of rows) {
    const { out } = await check(image, tags, [...options, '-o', 'json'])
    t.match(JSON.parse(out), expected, `${image} ${options.join(' ')}`)
  }
})

t.test('a release channel, and what the table of support dates says', async t => {
  const nodes = '18.19.0 18.20.8 23.1.0 23.1.1 24.1.0 25.0.0'
  const rows: readonly (readonly [string, readonly string[], string])[] = [
    [
      'node:18.19.0',
      [],
      `current  node:18.19.0  -       -       newest in line 18.19

node:18.19.0: line 18 is out of support since 2025-04-30 (support dates as of 2026-03-05)
`,
    ],
    [
      'node:23.1.0',
      ['--channel', 'lts', '--strategy', 'major'],
      `outdated  node:23.1.0  24.1.0  1       newer

node:23.1.0: line 23 is out of support since 2025-06-01 (support dates as of 2026-03-05)
node:23.1.0: line 23 is not in release channel lts
`,
    ],
    [
      'ghcr.io/team/app:23.1.0',
      ['--channel', 'lts', '--strategy', 'major'],
      `outdated  ghcr.io/team/app:23.1.0  25.0.0  3       newer

ghcr.io/team/app:23.1.0: not in the table of support dates: release channel lts changes nothing
`,
    ],
    [
      'ghcr.io/team/app:23.1.0',
      ['--channel', 'any'],
      'outdated  ghcr.io/team/app:23.1.0  23.1.1  1       newer in line 23.1\n',
    ],
  ]
  for (const [image, options, expected] of rows) {
    const { out } = await check(image, nodes, options)
    t.equal(out.slice(out.indexOf('\n') + 1), expected, `${image} ${options.join(' ')}`)
  }
  const { out } = await check('node:23.1.0', nodes, ['--channel', 'lts', '--explain', '-o', 'json'])
  t.match(JSON.parse(out), {
    verdict: 'current',
    support: { line: '23', released: '2024-10-16', end: '2025-06-01', asOf: '2026-03-05' },
    rejected: [{}, {}, {}, { tag: '23.1.1', reason: 'outside-channel' }],
  })
})

t.test('policies of the configuration, unless options say what to offer', async t => {
  const config = `policies:
  - { name: by-namespace, spec: { priority: 9, match: { namespaceSelector: {} }, range: '>=9' } }
  - { name: nginx, spec: { match: { images: [nginx] }, strategy: minor, never: [1.26.0] } }`
  const files = { '-': nginx.replaceAll(' ', '\n'), 'c.yaml': config }
  const ask = (image: string, ...options: readonly string[]) =>
    run(['check', image, '--tags-from', '-', '-c', 'c.yaml', ...options], files)
  const { out } = await ask('nginx:1.25.1')
  t.equal(
    out.slice(out.indexOf('\n') + 1),
    `outdated  nginx:1.25.1  1.25.5  4       newer in line 1

nginx:1.25.1: policy file/nginx says what is offered
nginx:1.25.1: line 1.25 is out of support since 2024-05-29 (support dates as of 2026-07-15)
`,
  )
  const json = async (...asked: Parameters<typeof ask>): Promise<unknown> =>
    JSON.parse((await ask(...asked)).out)
  t.match(await json('nginx:1.25.1', '-o', 'json'), { policy: 'file/nginx', newest: '1.25.5' })
  t.match(await json('nginx:1.25.1', '-s', 'patch', '-o', 'json'), { policy: 'file/nginx', line: '1.25' })
  const given = await json('nginx:1.25.1', '--range', '<1.25.4', '-o', 'json')
  t.match(given, { policy: undefined, newest: '1.25.3' })
  t.match(await json('redis:1.25.1', '-o', 'json'), { policy: undefined, newest: '1.25.5' })
})

t.test('an explanation says what is excluded', async t => {
  const { out } = await check('nginx:1.25.1', nginx, ['--range', '<1.25.5', '--never', '1.25.4', '--explain'])
  t.match(out, '  outside-range: newer, but not in the range\n    1.25.5\n')
  t.match(out, '  never-offered: newer, but never to be offered\n    1.25.4\n')
  const left = await check('app:v1.19.12-rc.0', kubernetes, ['--pre-releases', 'leave', '--explain'])
  t.match(left.out, '  pre-release-left: a newer pre-release, and there is a newer release\n')
})

t.test('what is wrong with the options', async t => {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['--range', 'one'], '--range: "one" is no range of versions; write ">=1.2 <2"'],
    [['--never', 'a b'], '--never: "a b" is no tag, with * for any text; write 1.25.4 or *-debug'],
    [['--channel', 'long'], 'Allowed choices are any, stable, even, lts.'],
    [['--minimum-age', 'week'], 'It is a number and m, h, d or w: 72h, 7d.'],
    [['--minimum-age', '7d'], '--minimum-age needs a registry: a file does not say when tags came'],
  ]
  for (const [options, message] of rows) {
    const { code, err } = await check('nginx:1.25.1', nginx, options)
    t.equal(code, 1, options.join(' '))
    t.match(err, message, options.join(' '))
  }
})

t.test('a tag without a push date waits', async t => {
  const registry = await startMemoryRegistry({ repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
  t.teardown(() => registry.close())
  const ask = (...options: readonly string[]) =>
    run(['check', `${registry.host}/team/app:1.0.0`, '--insecure-registry', registry.host, ...options])
  const { code, out } = await ask('--minimum-age', '7d', '-o', 'json')
  t.equal(code, 0, out)
  t.match(JSON.parse(out), {
    verdict: 'current',
    reason: 'waiting',
    waiting: { tag: '1.0.1', until: /^20.*Z$/ },
  })
  t.match((await ask('--minimum-age', '7d', '-o', 'wide')).out, /waiting: 1\.0\.1 until 20/)
  t.match((await ask('--minimum-age', '7d', '--explain')).out, '  waiting: newer and allowed, but younger')
  t.equal((await ask('--minimum-age', '0m')).code, 2)
})
