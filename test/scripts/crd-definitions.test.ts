import t from 'tap'
import { exceptionDefinition, policyDefinition } from '../../scripts/crd-definitions.ts'
import { at, itemsOf } from '../../src/json/index.ts'
import { structuralProblems } from './structural-problems.ts'

const definitions = [policyDefinition, exceptionDefinition]
const schemaOf = (definition: unknown) =>
  at(itemsOf(at(definition, ['spec', 'versions']))[0], ['schema', 'openAPIV3Schema'])

t.test('the schemas are structural, and everything in them has a limit', async t => {
  for (const definition of definitions) {
    const schema = schemaOf(definition)
    for (const part of ['spec', 'status'])
      t.strictSame(
        structuralProblems(at(schema, ['properties', part])),
        [],
        `${definition.spec.names.kind} ${part}`,
      )
    t.strictSame(at(schema, ['required']), ['spec'])
    t.strictSame(at(schema, ['properties', 'metadata']), { type: 'object' })
  }
})

const text = { type: 'string', maxLength: 9 }

t.test('the check sees what is not structural', async t => {
  const table = [
    [{ properties: {} }, '.: no type'],
    [{ type: 'object', properties: { a: { type: 'text' } } }, '.a: no type'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, '.a: no limit'],
    [{ type: 'object', additionalProperties: text }, '.: no limit'],
    [{ type: 'object', additionalProperties: false }, '.: additionalProperties must not be false'],
    [
      { type: 'object', maxProperties: 1, properties: {}, additionalProperties: text },
      '.: properties beside additionalProperties',
    ],
    [{ type: 'object', required: ['a'], properties: {} }, '.: a is required and not there'],
    [{ ...text, oneOf: [] }, '.: oneOf is not allowed'],
    [{ ...text, items: text }, '.: items of what is no array'],
    [{ type: 'array', items: text }, '.: no limit'],
    [{ type: 'array', maxItems: 1 }, '.: an array needs one schema of its items'],
    [{ type: 'array', maxItems: 1, items: [text] }, '.: an array needs one schema of its items'],
    [
      { type: 'array', maxItems: 1, items: { type: 'object' }, 'x-kubernetes-list-type': 'set' },
      '.: a set of what is no scalar',
    ],
    [
      { type: 'array', maxItems: 1, items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
      '.: a map without required keys',
    ],
    [{ ...text, 'x-kubernetes-validations': [{ rule: 'true' }] }, '.: a rule without a message of one line'],
  ] as const
  for (const [schema, problem] of table) t.ok(structuralProblems(schema).includes(problem), problem)
})

t.test('descriptions, defaults and rules are those of the source', async t => {
  const spec = at(schemaOf(policyDefinition), ['properties', 'spec', 'properties'])
  t.match(at(spec, ['priority']), { type: 'integer', default: 0, description: /^Of the policies that match/ })
  t.strictSame(at(spec, ['mode', 'enum']), ['off', 'audit', 'warn', 'enforce'])
  t.strictSame(at(spec, ['exceptions', 'properties', 'longest', 'default']), '90d')
  t.equal(itemsOf(at(spec, ['match', 'properties', 'images', 'items', 'x-kubernetes-validations'])).length, 4)
})

t.test('each definition has one version, served and stored, with a status, and our label', async t => {
  for (const { metadata, spec } of definitions) {
    t.strictSame(metadata.labels, { 'app.kubernetes.io/name': 'patchline' })
    t.strictSame(
      spec.versions.map(({ name, served, storage, subresources }) => [name, served, storage, subresources]),
      [['v1alpha1', true, true, { status: {} }]],
    )
  }
})

t.test('kubectl knows the kinds by these names, and shows these columns', async t => {
  t.strictSame(
    definitions.map(({ metadata, spec }) => [metadata.name, spec.scope, spec.names]),
    [
      [
        'patchpolicies.patchline.dev',
        'Cluster',
        {
          kind: 'PatchPolicy',
          listKind: 'PatchPolicyList',
          plural: 'patchpolicies',
          singular: 'patchpolicy',
          shortNames: ['pp'],
          categories: ['patchline'],
        },
      ],
      [
        'patchexceptions.patchline.dev',
        'Namespaced',
        {
          kind: 'PatchException',
          listKind: 'PatchExceptionList',
          plural: 'patchexceptions',
          singular: 'patchexception',
          shortNames: ['pex'],
          categories: ['patchline'],
        },
      ],
    ],
  )
  t.strictSame(
    definitions.map(({ spec }) =>
      spec.versions[0]?.additionalPrinterColumns.map(({ name, jsonPath, priority = 0 }) => [
        name,
        jsonPath,
        priority,
      ]),
    ),
    [
      [
        ['Mode', '.spec.mode', 0],
        ['Strategy', '.spec.strategy', 0],
        ['Priority', '.spec.priority', 0],
        ['Workloads', '.status.workloads', 0],
        ['Would-refuse', '.status.wouldRefuse', 0],
        ['Ready', '.status.conditions[?(@.type=="Ready")].status', 0],
        ['Age', '.metadata.creationTimestamp', 0],
      ],
      [
        ['State', '.status.state', 0],
        ['Until', '.spec.until', 0],
        ['Owner', '.spec.owner', 0],
        ['Workloads', '.status.workloads', 0],
        ['Reason', '.spec.reason', 1],
        ['Age', '.metadata.creationTimestamp', 0],
      ],
    ],
  )
})
