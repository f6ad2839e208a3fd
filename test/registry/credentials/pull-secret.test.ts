import * as fc from 'fast-check'
import t from 'tap'
import { readPullSecret } from '../../../src/registry/credentials/pull-secret.ts'

const reader = 'patchline-system:patchline'
const forbidden = { kind: 'forbidden', why: '' } as const
const refusedTo = (user: string) => ({
  kind: 'forbidden' as const,
  why: `403 secrets "x" is forbidden: User "${user}" cannot get resource "secrets" in API group "" in the namespace "a"`,
})
const opaque = { kind: 'found', type: 'Opaque', data: {} } as const
const role = '--clusterrole=patchline-pull-secret-reader'
const binding = `kubectl -n a create rolebinding patchline-pull-secrets ${role} --serviceaccount=${reader}`

const own =
  'kubectl -n a create role patchline-pull-secrets --verb=get --resource=secrets,serviceaccounts && kubectl -n a create rolebinding patchline-pull-secrets --role=patchline-pull-secrets'

type RegistryResponse = ReturnType<typeof refusedTo> | typeof opaque

const rows: readonly (readonly [string, RegistryResponse, name: string, problem: string])[] = [
  ['a', forbidden, 'x', `pull secret a/x may not be read; allow it: ${binding}`],
  ['-a', forbidden, 'x', 'pull secret -a/x may not be read; allow it with a RoleBinding of its namespace'],
  [
    'a',
    refusedTo('system:serviceaccount:tools:other'),
    'x',
    `pull secret a/x may not be read; allow it: ${binding.replace(reader, 'tools:other')}`,
  ],
  [
    'a',
    refusedTo('alice@example.com'),
    'x',
    `pull secret a/x may not be read; an administrator allows it by: ${own} --user=alice@example.com`,
  ],
  [
    'a',
    refusedTo("o'hara & sons"),
    'x',
    `pull secret a/x may not be read; an administrator allows it by: ${own} '--user=o'\\''hara & sons'`,
  ],
  [
    '-a',
    refusedTo('alice'),
    'x',
    'pull secret -a/x may not be read; allow it with a RoleBinding of its namespace',
  ],
  [
    'a',
    opaque,
    'x',
    'pull secret a/x is of type Opaque and not of kubernetes.io/dockerconfigjson; create it again: kubectl -n a create secret docker-registry x',
  ],
  [
    'a',
    opaque,
    '--server=http://evil',
    'pull secret a/--server=http://evil is of type Opaque and not of kubernetes.io/dockerconfigjson; create it again',
  ],
]

for (const [namespace, answer, name, problem] of rows)
  t.test(`${namespace}/${name}, ${answer.kind}`, async t =>
    t.same(readPullSecret(answer, { namespace, name, reader }), { entries: [], problems: [problem] }),
  )

t.test('a person whose name is not told stands for themselves', async t =>
  t.same(readPullSecret(forbidden, { namespace: 'a', name: 'x', reader: undefined }).problems, [
    `pull secret a/x may not be read; an administrator allows it by: ${own} --user=USER`,
  ]),
)

t.test('no printed command holds a text of a pod but names', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('a', '-x', '$(id)', 'a;b'),
  )
  const label = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?'
  const ours = new RegExp(
    `^kubectl -n ${label} create (?:secret docker-registry ${label}|rolebinding patchline-pull-secrets ${role} --serviceaccount=${label}:${label})$`,
  )
  fc.assert(
    fc.property(
      fc.record({
        namespace: text,
        name: text,
        reader: fc.oneof(text, fc.constantFrom(reader, `${reader}:x`)),
      }),
      fc.constantFrom(forbidden, opaque),
      (wanted, answer) => {
        const { problems } = readPullSecret(answer, wanted)
        for (const problem of problems) {
          const command = / (?:it|anew): (kubectl .*)$/s.exec(problem.slice(problem.lastIndexOf(';')))?.[1]
          if (command !== undefined && !ours.test(command)) throw new Error(command)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
