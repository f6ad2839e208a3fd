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
      description: 'Outdated images in a cluster, and since when. Read-only.',
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
  description: 'the ETag of a cached response',
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
    '304': { description: 'The cached response is current' },
    '503': problem('No audit has finished yet'),
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
    '400': problem('The query is invalid'),
    '410': problem('The report has changed since the previous page'),
  },
}

const summarizeDrift = {
  operationId: 'summarizeDrift',
  summary: 'The number of containers by verdict, in total and by namespace',
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
