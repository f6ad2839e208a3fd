import { readFileSync } from 'node:fs'
import t from 'tap'
import { version } from '../../src/app/process/version.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { run, type Run } from './run.ts'

const nginx = [
  'latest',
  '1.25',
  '1.25.1',
  '1.25.2',
  '1.25.5',
  '1.26.0',
  '1.25.5-alpine',
  '1.26.0-rc.1',
  'v1.25.9',
  '',
].join('\n')
const check = (image: string, ...options: readonly string[]): Promise<Run> =>
  run(['check', image, '--tags-from', '-', ...options], { '-': nginx })

t.test('check prints a table for people', async t => {
  t.strictSame(await check('nginx:1.25.1'), {
    code: 2,
    err: '',
    out: [
      'VERDICT   IMAGE         NEWEST  BEHIND  WHY\n',
      'outdated  nginx:1.25.1  1.25.5  2       newer in line 1.25\n',
      '\nnginx:1.25.1: line 1.25 is out of support since 2024-05-29 (support dates as of 2026-07-15)\n',
    ].join(''),
  })
})

// As the shipped table of nginx has it.
const support = {
  line: '1.25',
  released: '2023-05-23',
  end: '2024-05-29',
  development: true,
  asOf: '2026-07-15',
}

const json: readonly (readonly [args: readonly string[], code: number, expected: Record<string, unknown>])[] =
  [
    [
      ['nginx:1.25.1'],
      2,
      {
        reference: 'nginx:1.25.1',
        tag: '1.25.1',
        verdict: 'outdated',
        newest: '1.25.5',
        behind: 2,
        counted: 'versions',
        reason: 'newer',
        line: '1.25',
        support,
      },
    ],
    [
      ['nginx:1.25.1', '-s', 'minor'],
      2,
      {
        reference: 'nginx:1.25.1',
        tag: '1.25.1',
        verdict: 'outdated',
        newest: '1.26.0',
        behind: 3,
        counted: 'versions',
        reason: 'newer',
        line: '1',
        support,
      },
    ],
    [
      ['nginx:1.25.5'],
      0,
      {
        reference: 'nginx:1.25.5',
        tag: '1.25.5',
        verdict: 'current',
        elsewhere: 'v1.25.9',
        behind: 0,
        reason: 'other-prefix',
        line: '1.25',
        support,
      },
    ],
    [
      ['nginx:1.25.7'],
      4,
      {
        reference: 'nginx:1.25.7',
        tag: '1.25.7',
        verdict: 'current',
        elsewhere: 'v1.25.9',
        behind: 0,
        reason: 'not-listed',
        line: '1.25',
        support,
      },
    ],
    [['nginx'], 0, { reference: 'nginx', tag: 'latest', verdict: 'floating', behind: 0, reason: 'no-tag' }],
    [
      ['nginx:1.25'],
      0,
      {
        reference: 'nginx:1.25',
        tag: '1.25',
        verdict: 'floating',
        newest: '1.25.5',
        behind: 0,
        reason: 'extended',
        line: '1.25',
        support,
      },
    ],
    [
      [`nginx@sha256:${'0'.repeat(64)}`],
      0,
      {
        reference: `nginx@sha256:${'0'.repeat(64)}`,
        verdict: 'unversioned',
        behind: 0,
        reason: 'digest-only',
      },
    ],
    [
      ['nginx:bookworm'],
      0,
      {
        reference: 'nginx:bookworm',
        tag: 'bookworm',
        verdict: 'unversioned',
        behind: 0,
        reason: 'no-version',
      },
    ],
  ]

t.test('check prints one JSON object a line for programs', async t => {
  for (const [[image = '', ...options], code, expected] of json) {
    const outcome = await check(image, ...options, '-o', 'json')
    t.equal(outcome.code, code, image)
    const { reference, tag } = expected
    t.strictSame(
      JSON.parse(outcome.out),
      { ...expected, image: reference, ...(tag !== undefined && { current: tag }) },
      'image and current are the names that the audit has',
    )
    t.equal(outcome.out.split('\n').length, 2, 'one line')
  }
  const several = await run(['check', 'a:1.25.1', 'b:1.25.5', '-o', 'json', '--tags-from', 'list'], {
    list: nginx,
  })
  t.equal(several.code, 2)
  t.equal(
    several.err,
    'patchline: --tags-from list is taken for the tags of all of a, b\n2 images: 1 outdated, 1 current\n',
  )
  t.strictSame(
    several.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).verdict),
    ['outdated', 'current'],
  )
})

t.test('an empty list is unknown', async t => {
  const outcome = await run(['check', 'nginx:1.25.1', '--tags-from', '-', '-o', 'json'], { '-': '' })
  t.equal(outcome.code, 3)
  t.equal(outcome.err, 'patchline: --tags-from - is empty\n')
  t.match(JSON.parse(outcome.out), { verdict: 'unknown', reason: 'no-tags' })
})

t.test(
  '--explain shows so many tags for each reason, and says how many it leaves out; JSON has all',
  async t => {
    const tags = Array.from({ length: 20_000 }, (_, n) => `1.25.${n}`)
    const list = { list: ['0.9.0', ...tags].join('\n') }
    const args = ['check', 'app:1.25.19999', '--explain', '--tags-from', 'list']
    const [, explained = ''] = (await run(args, list)).out.split('\n\n')
    t.match(
      explained,
      /^app:1\.25\.19999: newest: nothing newer in its line; 20000 other tags were not chosen\n/,
    )
    const [, ...lines] = explained.split('\n')
    t.equal(lines[0], '  older: older')
    t.equal(lines.slice(1, -2).join(' ').trim().split(/ +/).length, 500)
    t.equal(lines.at(-2), '    and 19500 more: -o json has all, and patchline grammar what they teach')
    t.ok((await run([...args, '-o', 'json'], list)).out.includes('"1.25.19998"'))
  },
)

t.test('--explain says of every other tag why not', async t => {
  const { out } = await check('nginx:1.25.1', '--explain', '-o', 'json')
  t.strictSame(JSON.parse(out).rejected, [
    { tag: 'latest', reason: 'no-version' },
    { tag: '1.25', reason: 'floating' },
    { tag: '1.25.1', reason: 'itself' },
    { tag: '1.25.2', reason: 'not-newest' },
    { tag: '1.26.0', reason: 'outside-strategy' },
    { tag: '1.25.5-alpine', reason: 'other-variant' },
    { tag: '1.26.0-rc.1', reason: 'pre-release' },
    { tag: 'v1.25.9', reason: 'other-prefix' },
  ])
  t.equal(
    (await check('nginx:1.25.1', '--explain')).out.split('\n\n')[2],
    `nginx:1.25.1: newer: the strategy allows a newer version; 7 other tags were not chosen
  not-newest: newer and allowed, but not the newest
    1.25.2
  outside-strategy: newer, but further than the strategy goes
    1.26.0
  pre-release: newer, but offered only to users of pre-releases
    1.26.0-rc.1
  floating: stands for the newest of longer tags
    1.25
  other-variant: of another variant
    1.25.5-alpine
  other-prefix: with another prefix
    v1.25.9
  no-version: there is no version to read in it
    latest
`,
  )
  const table = await run(['check', 'nginx:1.25.1', '--explain', '--tags-from', 'list'], {
    list: `1.25.2\n\u001b[2Jevil\n  1.24.0  \n${Array.from({ length: 12 }, (_, at) => `1.23.${at}`).join('\n')}`,
  })
  t.match(
    table.out,
    `
nginx:1.25.1: newer: the strategy allows a newer version; 14 other tags were not chosen
  older: older
    1.24.0 1.23.0 1.23.1 1.23.2 1.23.3 1.23.4 1.23.5 1.23.6 1.23.7 1.23.8 1.23.9
    1.23.10 1.23.11
  illegal: no tag that a registry may have
    \u{FFFD}[2Jevil
`,
    'lines are no longer than the screen is wide, and nothing steers it',
  )
})

const usage: readonly (readonly [args: readonly string[], err: RegExp])[] = [
  [[], /Usage: patchline/],
  [['check'], /missing required argument 'reference'/],
  [['check', 'nginx', '--strategy', 'newest'], /Allowed choices are rebuild, patch, minor, major/],
  [['check', 'nginx:1.0.0', '--tags-from', 'absent'], /^patchline: --tags-from absent: no such file\n$/],
  [['check', 'nginx:1.0.0', '--config', 'absent'], /^patchline: the configuration absent: no such file\n$/],
  [
    ['check', 'manifests/deployment.yaml'],
    /^patchline: check takes image references like nginx:1\.25\.1, and "manifests\/deployment\.yaml" is a file: name the images that stand in it\n$/,
  ],
  [['check', ''], /^patchline: image "" is not a reference: it is empty\n$/],
  [
    ['check', 'Nginx:1.25'],
    /^patchline: image "Nginx:1.25" is not a reference: the repository must be lower case\n$/,
  ],
  [['frobnicate'], /^patchline: unknown command 'frobnicate'\n\(patchline --help shows the commands\)\n$/],
  [['chek'], /^patchline: unknown command 'chek'\n\(Did you mean check\?\)\n/],
  [
    ['check', 'nginx', '--foo'],
    /^patchline: unknown option '--foo'\n\(patchline check --help shows its options\)\n$/,
  ],
  [
    ['help', 'chek'],
    /^patchline: there is no command "chek"; the commands are check, scan, grammar, serve, audit, watch, notify, certs, uninstall, preflight, doctor, explain, migrate, catalog, version, completion\n$/,
  ],
  [['serve'], /required option '-c, --config <file>' not specified/],
]

t.test('what cannot be meant exits 1 and says why', async t => {
  for (const [args, err] of usage) {
    const outcome = await run(args)
    t.equal(outcome.code, 1, args.join(' '))
    t.match(outcome.err, err)
    t.equal(outcome.out, '')
  }
})

const lists: readonly (readonly [list: string, err: string])[] = [
  [
    '{"tags":["1.25.1"]}',
    `--tags-from list is JSON: it takes one tag a line, as jq -r '.tags[]' prints them`,
  ],
  ['1.25.1\0', '--tags-from list is no text: it takes one tag a line'],
]

t.test('a list of tags that is none is called so', async t => {
  for (const [list, err] of lists)
    t.strictSame(await run(['check', 'nginx:1.25.1', '--tags-from', 'list'], { list }), {
      code: 1,
      out: '',
      err: `patchline: ${err}\n`,
    })
})

t.test('a bad configuration is told whole, by path', async t => {
  const bad = 'mode: loud\nwebhook:\n  port: 70000\nregistry: []\n'
  const { code, err } = await run(['check', 'nginx:1.0.0', '--config', 'bad.yaml'], { 'bad.yaml': bad })
  t.equal(code, 1)
  t.match(err, /^patchline: the configuration bad\.yaml has 3 problems:\n/)
  for (const path of ['mode', 'webhook.port', 'registry']) t.match(err, path)
})

t.test('check asks the registry where no list is given', async t => {
  const registry = await startMemoryRegistry({ repositories: { 'team/app': ['1.0.0', '1.0.1'] } })
  t.teardown(() => registry.close())
  const found = await run([
    'check',
    `${registry.host}/team/app:1.0.0`,
    `${registry.host}/team/app:1.0.1`,
    '--insecure-registry',
    registry.host,
    '-o',
    'json',
  ])
  t.equal(found.code, 2)
  t.match(JSON.parse(found.out.split('\n')[0] ?? ''), { verdict: 'outdated', newest: '1.0.1' })
  t.equal(registry.requests.filter(({ path }) => path.includes('tags/list')).length, 1, 'one walk for both')
  const refused = await run(['check', `${registry.host}/team/app:1.0.0`, '-o', 'json', '-c', 'empty.yaml'], {
    'empty.yaml': '',
  })
  t.equal(refused.code, 3)
  t.match(JSON.parse(refused.out), { verdict: 'unknown', reason: 'not-allowed' })
  const named = await run(['check', `${registry.host}/team/app:1.0.0`, '-o', 'json'])
  t.equal(named.code, 3)
  t.match(
    JSON.parse(named.out),
    { reason: 'unavailable', detail: /insecure/ },
    'a person named it: it is asked, by TLS',
  )
})

t.test('--version is that of the package', async t => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  t.equal(version, manifest.version)
  t.strictSame(await run(['--version']), { code: 0, out: `${version}\n`, err: '' })
  t.match(await run(['--help']), {
    code: 0,
    out: /check[^]*serve[^]*certs[^]*Begin with:\n {2}\$ patchline check/,
  })
  for (const command of ['check', 'serve', 'audit', 'watch', 'notify', 'certs'])
    t.match(
      await run([command, '--help']),
      { code: 0, out: new RegExp(`\nExamples?:\n {2}\\$ .*patchline ${command} `) },
      command,
    )
})
