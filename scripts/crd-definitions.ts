import { exceptionSpecSchema } from '../src/api/policy/exception-schema.ts'
import { policySpecSchema } from '../src/api/policy/policy-schema.ts'
import { exceptionStatusSchema, policyStatusSchema } from '../src/api/policy/status-schema.ts'

/** A node of an OpenAPI schema: the keywords that lead to other nodes, and those that are read here. */
export interface SchemaNode {
  readonly type: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
}

interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly description?: string
  /** A column above 0 is shown by `-o wide` alone. */
  readonly priority?: number
}

interface Kind {
  readonly kind: string
  readonly singular: string
  readonly plural: string
  readonly shortName: string
  readonly scope: 'Cluster' | 'Namespaced'
  readonly columns: readonly PrinterColumn[]
  readonly schema: SchemaNode
}

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
}
const ofEveryObject = {
  apiVersion: { type: 'string', description: 'The version of the schema that this object is written in.' },
  kind: { type: 'string', description: 'The kind of this object.' },
  metadata: { type: 'object' },
} as const

const policySchema = {
  type: 'object',
  required: ['spec'],
  description:
    'Says for images of the cluster what happens when a newer patch exists, and which one is offered.',
  properties: { ...ofEveryObject, spec: policySpecSchema, status: policyStatusSchema },
  'x-kubernetes-validations': [
    {
      // As long as the value of a label may be, so that the name can be one.
      rule: 'self.metadata.name.size() <= 63',
      message: 'the name of a policy must have at most 63 characters',
    },
  ],
} as const

const exceptionSchema = {
  type: 'object',
  required: ['spec'],
  description:
    'Excuses images of its namespace from being refused and warned about, for a reason and until an end.',
  properties: { ...ofEveryObject, spec: exceptionSpecSchema, status: exceptionStatusSchema },
} as const

const { properties: policySpec } = policySpecSchema
const { properties: policyStatus } = policyStatusSchema
const { properties: exceptionSpec } = exceptionSpecSchema
const { properties: exceptionStatus } = exceptionStatusSchema

/** The CustomResourceDefinition of PatchPolicy. */
export const policyDefinition = definitionOf({
  kind: 'PatchPolicy',
  singular: 'patchpolicy',
  plural: 'patchpolicies',
  shortName: 'pp',
  scope: 'Cluster',
  columns: [
    column('Mode', '.spec.mode', policySpec.mode),
    column('Strategy', '.spec.strategy', policySpec.strategy),
    column('Priority', '.spec.priority', policySpec.priority),
    column('Workloads', '.status.workloads', policyStatus.workloads),
    column('Would-refuse', '.status.wouldRefuse', policyStatus.wouldRefuse),
    ready,
    age,
  ],
  schema: policySchema,
})

/** The CustomResourceDefinition of PatchException. */
export const exceptionDefinition = definitionOf({
  kind: 'PatchException',
  singular: 'patchexception',
  plural: 'patchexceptions',
  shortName: 'pex',
  scope: 'Namespaced',
  columns: [
    column('State', '.status.state', exceptionStatus.state),
    // A column of type date would show how long ago it was, and an end lies ahead.
    column('Until', '.spec.until', exceptionSpec.until),
    column('Owner', '.spec.owner', exceptionSpec.owner),
    column('Workloads', '.status.workloads', exceptionStatus.workloads),
    { ...column('Reason', '.spec.reason', exceptionSpec.reason), priority: 1 },
    age,
  ],
  schema: exceptionSchema,
})

function column(name: string, jsonPath: string, { type, description = '' }: SchemaNode): PrinterColumn {
  return { name, type, jsonPath, description }
}

function definitionOf({ kind, singular, plural, shortName, scope, columns, schema }: Kind) {
  const group = 'patchline.dev'
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/name': 'patchline' } },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [shortName],
        categories: ['patchline'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          subresources: { status: {} },
          schema: { openAPIV3Schema: structural(schema) },
        },
      ],
    },
  }
}

// A structural schema prunes what it does not name, and has no `additionalProperties: false` to say so.
function structural({ properties, additionalProperties, items, ...others }: SchemaNode): SchemaNode {
  return {
    ...others,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, node]) => [name, structural(node)]),
      ),
    }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: structural(additionalProperties),
    }),
    ...(items && { items: structural(items) }),
  }
}
