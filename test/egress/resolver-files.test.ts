import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import t from 'tap'

import { createPolledFile, parseHosts, parseSearchDomains } from '../../src/egress/resolver-files.ts'

t.test('a hosts file', t => {
  const text = [
    '# comment',
    '127.0.0.1\tlocalhost  Loop.Example # here',
    '::1 localhost ip6-localhost',
    '10.0.0.1 registry.example.',
    '10.0.0.1 registry.example',
    'not-an-address name',
    '10.0.0.2',
    '',
  ].join('\n')
  t.same(Object.fromEntries(parseHosts(text)), {
    localhost: ['127.0.0.1', '::1'],
    'loop.example': ['127.0.0.1'],
    'ip6-localhost': ['::1'],
    'registry.example': ['10.0.0.1'],
  })
  t.end()
})

t.test('the domains of resolv.conf', t => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['nameserver 10.0.0.10\noptions ndots:5\n', []],
    [
      'search a.svc.cluster.local svc.cluster.local. CLUSTER.local\n',
      ['a.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
    ],
    ['domain a.example\nsearch b.example\n', ['b.example']],
    ['search b.example\n  domain a.example', ['a.example']],
    ['search .', []],
  ]
  for (const [text, domains] of rows) t.same(parseSearchDomains(text), domains, text)
  t.end()
})

t.test('a file is read again after it changed, but not for each name', t => {
  const path = join(t.testdir(), 'hosts')
  let clock = 0
  let parsed = 0
  const file = createPolledFile(
    path,
    text => `${++parsed} ${text}`,
    () => clock,
  )
  t.equal(file.get(), '1 ', 'it need not be there')
  writeFileSync(path, 'a')
  t.equal(file.get(), '1 ')
  clock += 5_000
  t.equal(file.get(), '2 a')
  clock += 5_000
  t.equal(file.get(), '2 a', 'the same file')
  writeFileSync(path, 'b')
  utimesSync(path, 1, 1)
  clock += 5_000
  t.equal(file.get(), '3 b')
  rmSync(path)
  clock += 5_000
  t.equal(file.get(), '4 ')
  t.equal(
    createPolledFile(
      t.testdirName,
      text => text,
      () => 0,
    ).get(),
    '',
    'a folder',
  )
  t.end()
})
