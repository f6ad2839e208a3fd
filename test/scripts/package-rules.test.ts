import t from 'tap'
import type { LockedPackage } from '../../scripts/lockfile.ts'
import { problemsOf } from '../../scripts/package-rules.ts'

const integrity = `sha512-${'A'.repeat(86)}==`

function locked(entry: Partial<LockedPackage>): LockedPackage {
  return {
    path: 'node_modules/left',
    name: 'left',
    version: '1.0.0',
    license: 'MIT',
    resolved: undefined,
    integrity,
    hasInstallScript: false,
    isRuntime: true,
    ...entry,
  }
}

const who = 'left@1.0.0 (node_modules/left)'
const allowed = 'Apache-2.0, BlueOak-1.0.0, BSD-3-Clause, ISC, MIT, MIT-0, PSF-2.0, Unlicense'
const notAllowed = (license: string) =>
  `${who}: the licence ${license} is not allowed for what ships (${allowed}); replace the package, or allow the licence in scripts/package-rules.ts`
const noExpression = (license: string) =>
  `${who}: the licence ${JSON.stringify(license)} is no SPDX expression; read it in the package, or replace the package`
const home = 'https://registry.npmjs.org/left/-/'
const elsewhere = (resolved: string) =>
  `${who}: it comes from ${resolved} and not from ${home}; install the registry's own, or replace it`
const unsealed = (found: string) =>
  `${who}: its integrity is ${found} and not one sha512; remove its entry from package-lock.json and run npm install`

const rows: readonly (readonly [string, Partial<LockedPackage>, string | undefined])[] = [
  ['an allowed licence', {}, undefined],
  ['one of two is allowed', { license: '(BSD-3-Clause OR GPL-2.0)' }, undefined],
  ['both are allowed', { license: 'MIT AND (ISC OR GPL-2.0)' }, undefined],
  ['one of two that hold together is not', { license: 'MIT AND GPL-2.0' }, notAllowed('MIT AND GPL-2.0')],
  ['another licence', { license: 'AGPL-3.0-only' }, notAllowed('AGPL-3.0-only')],
  ['"or later" is another licence', { license: 'Apache-2.0+' }, notAllowed('Apache-2.0+')],
  [
    'so is one with an exception',
    { license: 'Apache-2.0 WITH LLVM-exception' },
    notAllowed('Apache-2.0 WITH LLVM-exception'),
  ],
  ['no expression', { license: 'SEE LICENSE IN LICENSE.md' }, noExpression('SEE LICENSE IN LICENSE.md')],
  ['unlicensed', { license: 'UNLICENSED' }, noExpression('UNLICENSED')],
  ['empty', { license: '' }, noExpression('')],
  [
    'no licence',
    { license: undefined },
    `${who}: the lock file names no licence; read it in the package, and replace the package if it has none`,
  ],
  ['what is not shipped may have any', { license: 'GPL-3.0-only', isRuntime: false }, undefined],

  [
    'the address at the registry',
    { resolved: `${home}left-1.0.0.tgz` },
    `${who}: with "resolved" its age is not looked at; remove that line from package-lock.json (omit-lockfile-registry-resolved in .npmrc leaves it out)`,
  ],
  [
    'another registry',
    { resolved: 'https://npm.example/left.tgz' },
    elsewhere('https://npm.example/left.tgz'),
  ],
  [
    'another package of the registry',
    { resolved: 'https://registry.npmjs.org/lefft/-/lefft-1.0.0.tgz' },
    elsewhere('https://registry.npmjs.org/lefft/-/lefft-1.0.0.tgz'),
  ],
  [
    'a Git repository',
    { resolved: 'git+ssh://git@example/a.git#1' },
    elsewhere('git+ssh://git@example/a.git#1'),
  ],
  ['also where it is not shipped', { resolved: 'file:../left', isRuntime: false }, elsewhere('file:../left')],
  ['no integrity', { integrity: undefined }, unsealed('missing')],
  ['SHA-1', { integrity: 'sha1-AAAA' }, unsealed('sha1-AAAA')],
  [
    'two, of which the weaker would do',
    { integrity: `${integrity} sha1-AA` },
    unsealed(`${integrity} sha1-AA`),
  ],
  ['also where it is not shipped', { integrity: undefined, isRuntime: false }, unsealed('missing')],

  [
    'an install script of what ships',
    { hasInstallScript: true },
    `${who}: it runs a script as it is installed, and the image is built without: it may not work there; replace it`,
  ],
  [
    'an install script of a tool',
    { hasInstallScript: true, isRuntime: false },
    `${who}: it runs a script as it is installed; replace it, or read the script and say in allowScripts of package.json whether it may`,
  ],
]

for (const [name, entry, problem] of rows)
  t.test(name, async t => {
    const listed = entry.isRuntime === false ? [] : ['left']
    t.strictSame(
      problemsOf([locked(entry)], { knownScripts: [], listed }),
      problem === undefined ? [] : [problem],
    )
  })

t.test('an install script that was read is right for a tool alone', async t => {
  const rules = { knownScripts: ['left'], listed: [] }
  t.strictSame(problemsOf([locked({ hasInstallScript: true, isRuntime: false })], rules), [])
  t.equal(problemsOf([locked({ hasInstallScript: true })], { ...rules, listed: ['left'] }).length, 1)
})

const second = locked({ path: 'node_modules/right/node_modules/left', version: '2.0.0' })
const sizes = (run: number, listed: number) =>
  `${run} packages run, ${listed} are in scripts/runtime-packages.txt`
const added = (what: string, size: string) =>
  `${what}: added: ${size}; \`npm explain left\` says what brings it; if it earns its place, add a line with its name`

const lists: readonly (readonly [string, readonly LockedPackage[], readonly string[], readonly string[]])[] =
  [
    ['as listed', [locked({}), second], ['left', 'left'], []],
    ['tools are not counted', [locked({ isRuntime: false })], [], []],
    ['one more', [locked({})], [], [added(who, sizes(1, 0))]],
    [
      'a second version',
      [locked({}), second],
      ['left'],
      [added('left@2.0.0 (node_modules/right/node_modules/left)', sizes(2, 1))],
    ],
    [
      'another in place of one',
      [locked({})],
      ['right'],
      [added(who, sizes(1, 1)), `right: gone: ${sizes(1, 1)}; remove its line`],
    ],
    ['gone twice', [], ['left', 'left'], [`left: gone: ${sizes(0, 2)}; remove 2 of its lines`]],
  ]

for (const [name, packages, listed, problems] of lists)
  t.test(`the list: ${name}`, async t => {
    t.strictSame(problemsOf(packages, { knownScripts: [], listed }), problems)
  })
