import t from 'tap'
import { parseReference } from '../../../src/image/index.ts'
import {
  bookOf,
  isProblems,
  noPolicies,
  policyForImage,
  readPolicy,
  rulesFor,
  withFilePolicies,
  type PatchPolicy,
  type PolicySource,
} from '../../../src/policy/index.ts'
import { exceptionOf, imageOf, policyOf, subjectOf } from './policies.ts'

function ofFile(name: string, spec: object = {}): PatchPolicy {
  const policy = readPolicy({ metadata: { name }, spec }, 'file')
  if (isProblems(policy)) throw new Error(JSON.stringify(policy))
  return policy
}

function namesOf(source: PolicySource): readonly string[] {
  return source.policies().map(({ name }) => name)
}

t.test('by priority; of equal ones those of the file first; then by name', async t => {
  const cluster = {
    ...noPolicies,
    policies: () => [policyOf('high', { priority: 9 }), policyOf('a'), policyOf('b')],
  }
  const policies = [
    ofFile('z'),
    ofFile('b'),
    ofFile('low', { priority: -1 }),
    ofFile('top', { priority: 10 }),
  ]
  const source = withFilePolicies(cluster, { policies, exceptions: [] })
  t.strictSame(namesOf(source), ['file/top', 'high', 'file/b', 'file/z', 'a', 'b', 'file/low'])
})

t.test('what the cluster changes is taken, and nothing is sorted anew without a change', async t => {
  let ofCluster = [policyOf('a')]
  const source = withFilePolicies(
    { ...noPolicies, policies: () => ofCluster },
    { policies: [ofFile('b')], exceptions: [] },
  )
  t.equal(source.policies(), source.policies())
  ofCluster = [policyOf('c')]
  t.strictSame(namesOf(source), ['file/b', 'c'])
})

t.test('a file without policies and exceptions changes nothing', async t => {
  t.equal(withFilePolicies(noPolicies, { policies: [], exceptions: [] }), noPolicies)
})

t.test('exceptions of both', async t => {
  const cluster = { ...noPolicies, exceptionsIn: () => [exceptionOf('of-cluster')] }
  const source = withFilePolicies(cluster, { policies: [], exceptions: [exceptionOf('file/own')] })
  t.strictSame(
    ['shop', 'other'].map(namespace => source.exceptionsIn(namespace).map(({ name }) => name)),
    [['file/own', 'of-cluster'], ['of-cluster']],
  )
})

t.test('a policy of the file decides like one of the cluster', async t => {
  const source = withFilePolicies(noPolicies, {
    policies: [ofFile('strict', { mode: 'enforce', match: { images: ['nginx'] } })],
    exceptions: [],
  })
  const settings = { defaults: { mode: 'warn', strategy: 'patch' }, ownNamespace: 'patchline' } as const
  const book = bookOf(settings, source)
  t.match(rulesFor(imageOf(), subjectOf(), book), { mode: 'enforce', policy: { name: 'file/strict' } })
  t.match(rulesFor(imageOf('redis:7.2.1'), subjectOf(), book), { mode: 'warn', policy: undefined })
})

t.test('the policy for an image of which nothing else is known', async t => {
  const policies = [
    ofFile('kinds', { priority: 9, match: { kinds: ['Pod'] } }),
    ofFile('labels', { priority: 8, match: { objectSelector: {} } }),
    ofFile('namespaces', { priority: 7, match: { namespaceSelector: {} } }),
    ofFile('nginx', { match: { images: ['nginx'] } }),
    ofFile('all', { priority: -1 }),
  ]
  const nameFor = (image: string) => policyForImage(policies, parseReference(image))?.name
  t.equal(nameFor('nginx:1.25.1'), 'file/nginx')
  t.equal(nameFor('redis:7'), 'file/all')
  t.equal(policyForImage([], parseReference('nginx')), undefined)
})
