import t from 'tap'
import { parseLockfile } from '../../scripts/lockfile.ts'

function lockfile(packages: unknown, lockfileVersion: unknown = 3): string {
  return JSON.stringify({ lockfileVersion, packages })
}

t.test('packages are read without the project, by the name that the registry has for them', async t => {
  const text = lockfile({
    '': { name: 'project' },
    'node_modules/@scope/a': {
      version: '1.0.0',
      license: 'MIT',
      resolved: 'https://a',
      integrity: 'sha512-',
    },
    'node_modules/b/node_modules/c': { name: 'real', version: '2.0.0', dev: true, hasInstallScript: true },
    'node_modules/d': { version: '3.0.0', devOptional: true, license: ['MIT'] },
  })
  t.strictSame(parseLockfile(text), [
    {
      path: 'node_modules/@scope/a',
      name: '@scope/a',
      version: '1.0.0',
      license: 'MIT',
      resolved: 'https://a',
      integrity: 'sha512-',
      hasInstallScript: false,
      isRuntime: true,
    },
    {
      path: 'node_modules/b/node_modules/c',
      name: 'real',
      version: '2.0.0',
      license: undefined,
      resolved: undefined,
      integrity: undefined,
      hasInstallScript: true,
      isRuntime: false,
    },
    {
      path: 'node_modules/d',
      name: 'd',
      version: '3.0.0',
      license: undefined,
      resolved: undefined,
      integrity: undefined,
      hasInstallScript: false,
      isRuntime: false,
    },
  ])
})

for (const [text, message] of [
  [lockfile({}, 2), 'lockfileVersion is 2, and only 3 is understood'],
  ['null', 'lockfileVersion is undefined, and only 3 is understood'],
] as const)
  t.test(`no lock file: ${text}`, async t => {
    t.throws(() => parseLockfile(text), { message })
  })
