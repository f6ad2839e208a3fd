/** The definitions of both kinds of reports, with the fields of their published schemas that a report of ours has. */

const text = { type: 'string' }
const texts = { type: 'object', additionalProperties: text }
const reference = {
  type: 'object',
  properties: Object.fromEntries(
    ['apiVersion', 'fieldPath', 'kind', 'name', 'namespace', 'resourceVersion', 'uid'].map(key => [
      key,
      text,
    ]),
  ),
}
const outcomes = ['pass', 'fail', 'warn', 'error', 'skip']
const timestamp = {
  type: 'object',
  required: ['nanos', 'seconds'],
  properties: {
    nanos: { type: 'integer', format: 'int32' },
    seconds: { type: 'integer', format: 'int64' },
  },
}

const result = (severities: readonly string[]) => ({
  category: text,
  message: text,
  policy: text,
  properties: texts,
  resources: { type: 'array', items: reference },
  result: { type: 'string', enum: outcomes },
  rule: text,
  scored: { type: 'boolean' },
  severity: { type: 'string', enum: severities },
  timestamp,
})

const report = (resultProperties: object) => ({
  apiVersion: text,
  kind: text,
  metadata: { type: 'object' },
  scope: reference,
  summary: {
    type: 'object',
    properties: Object.fromEntries(outcomes.map(outcome => [outcome, { type: 'integer' }])),
  },
  results: {
    type: 'array',
    items: { type: 'object', required: ['policy'], properties: resultProperties },
  },
})

interface Names {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
}

function definition({ group, version, plural, kind }: Names, properties: object) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Its group is one that only an approved definition may use in some clusters.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' },
    },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  }
}

/** As kubernetes-sigs/wg-policy-prototypes had it first: no source of a result, and three severities. */
export const policyReportDefinition = definition(
  { group: 'wgpolicyk8s.io', version: 'v1alpha2', plural: 'policyreports', kind: 'PolicyReport' },
  report(result(['high', 'low', 'medium'])),
)

/** As openreports/reports-api has it. */
export const openReportDefinition = definition(
  { group: 'openreports.io', version: 'v1alpha1', plural: 'reports', kind: 'Report' },
  {
    ...report({ ...result(['critical', 'high', 'low', 'medium', 'info']), source: text }),
    source: text,
  },
)
