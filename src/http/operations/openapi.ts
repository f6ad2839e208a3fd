import {
  driftItemSchema,
  driftPageSchema,
  driftQuerySchema,
  driftSummarySchema,
  problemSchema,
} from '../../api/index.ts'

/** The OpenAPI 3.1 document of the REST interface, made of the schemas by which requests and responses are checked. */
export function openApiDocument(version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Patchline',
      version,
      description: 'What in a cluster is behind, and since when. Read-only.',
    },
    paths: { '/api/v1/drift': { get: listDrift }, '/api/v1/drift/summary': { get: summarizeDrift } },
    components: { schemas },
  }
}

const ifNoneMatch = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'the ETag of an answer that is held',
} as const

function parametersOf({ properties }: typeof driftQuerySchema): readonly object[] {
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
}

function responses(description: string, schema: object): object {
  return {
    '200': {
      description,
      headers: { ETag: { schema: { type: 'string' } } },
      content: { 'application/json': { schema } },
    },
    '304': { description: 'What is held is what there is' },
    '503': problem('No audit has ended yet'),
  }
}

function problem(description: string): object {
  return { description, content: { 'application/problem+json': { schema: reference('Problem') } } }
}

function reference(name: string): object {
  return { $ref: `#/components/schemas/${name}` }
}

const listDrift = {
  operationId: 'listDrift',
  summary: 'The drift report, page by page',
  parameters: [...parametersOf(driftQuerySchema), ifNoneMatch],
  responses: {
    ...responses('A page', reference('DriftPage')),
    '400': problem('The query cannot be read'),
    '410': problem('The report has changed since the page before'),
  },
}

const summarizeDrift = {
  operationId: 'summarizeDrift',
  summary: 'How the containers stand, in all and by namespace',
  parameters: [ifNoneMatch],
  responses: responses('The summary', reference('DriftSummary')),
}

const schemas = {
  DriftItem: driftItemSchema,
  DriftPage: {
    ...driftPageSchema,
    properties: { ...driftPageSchema.properties, items: { type: 'array', items: reference('DriftItem') } },
  },
  DriftSummary: driftSummarySchema,
  Problem: problemSchema,
}
