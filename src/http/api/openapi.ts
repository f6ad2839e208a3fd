import {
  imageAnswerSchema,
  imageQuerySchema,
  problemSchema,
  providerQuerySchema,
  providerRequestSchema,
  providerResponseSchema,
  verdictItemSchema,
  verdictListSchema,
  verdictRequestSchema,
  watchListSchema,
  watchSchema,
} from '../../api/index.ts'

/** The OpenAPI 3.1 document of the API, made of the schemas by which requests and responses are checked. */
export function apiDocument(version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Patchline',
      version,
      description: 'Which tag of an image is the newest that a strategy allows, and what is watched.',
    },
    security: [{ bearer: [] }, {}],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, schemas },
  }
}

const schemas = {
  ImageAnswer: imageAnswerSchema,
  VerdictItem: verdictItemSchema,
  VerdictRequest: verdictRequestSchema,
  VerdictList: verdictListSchema,
  ProviderRequest: providerRequestSchema,
  ProviderResponse: providerResponseSchema,
  Watch: watchSchema,
  WatchList: watchListSchema,
  Problem: problemSchema,
}

function reference(name: keyof typeof schemas): object {
  return { schema: { $ref: `#/components/schemas/${name}` } }
}

function json(description: string, name: keyof typeof schemas): object {
  return { description, content: { 'application/json': reference(name) } }
}

function problem(description: string): object {
  return { description, content: { 'application/problem+json': reference('Problem') } }
}

const common = {
  '401': problem('A valid token is needed'),
  '403': problem('Not allowed, or the registry is not'),
  '429': problem('Too many requests of this client'),
  '503': problem('Not now; Retry-After says when'),
}

interface QuerySchema {
  readonly properties: Readonly<Record<string, object>>
}

function queryOf({ properties }: QuerySchema): readonly object[] {
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
}

function inPath(name: string, description: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string', minLength: 1 }, description }
}

const imagePath = inPath(
  'image',
  'the image without its tag, percent-encoded: nginx, org%2Fimage, quay.io%2Fteam%2Fapp',
)

const imageOperation = {
  summary: 'The newest tag of an image, which is its own where nothing is newer; never an older one',
  parameters: [imagePath, inPath('tag', 'its tag'), ...queryOf(imageQuerySchema)],
  responses: {
    '200': json('The newest tag', 'ImageAnswer'),
    '400': problem('The image or the query cannot be read'),
    '404': problem('There is no such image'),
    '422': problem('The tag has no version'),
    '502': problem('The registry does not tell'),
    ...common,
  },
}

const watchOperation = (summary: string, responses: object) => ({
  summary,
  parameters: [imagePath],
  responses: {
    '400': problem('The image cannot be read'),
    '404': problem('Not watched'),
    ...common,
    ...responses,
  },
})

const paths = {
  '/images/{image}/{tag}': { get: { operationId: 'newestTag', ...imageOperation } },
  '/image/{image}/{tag}': { get: { operationId: 'newestTagOfImage', ...imageOperation } },
  '/verdicts': {
    post: {
      operationId: 'verdicts',
      summary: 'A verdict for each image, in the order of the request',
      requestBody: { required: true, content: { 'application/json': reference('VerdictRequest') } },
      responses: {
        '200': json('The verdicts', 'VerdictList'),
        '400': problem('The body cannot be read'),
        '413': problem('The body is too large'),
        '415': problem('The body is of another type'),
        ...common,
      },
    },
  },
  '/gatekeeper/v1beta1': {
    post: {
      operationId: 'externalData',
      summary: 'The verdicts as external data for Gatekeeper',
      parameters: queryOf(providerQuerySchema),
      requestBody: { required: true, content: { 'application/json': reference('ProviderRequest') } },
      responses: {
        '200': json('A value or an error for each key', 'ProviderResponse'),
        '400': json('The request cannot be read: systemError', 'ProviderResponse'),
        '413': json('The body is too large: systemError', 'ProviderResponse'),
        '415': json('The body is of another type: systemError', 'ProviderResponse'),
        ...common,
      },
    },
  },
  '/watches': {
    get: {
      operationId: 'listWatches',
      summary: 'The watch list',
      responses: { '200': json('The watch list', 'WatchList'), ...common },
    },
  },
  '/watches/{image}': {
    get: { operationId: 'getWatch', ...watchOperation('One watch', { '200': json('It', 'Watch') }) },
    put: {
      operationId: 'addWatch',
      ...watchOperation('Watches an image', {
        '200': json('It was watched already', 'Watch'),
        '201': json('It is watched now', 'Watch'),
        '409': problem('The watch list is full'),
      }),
    },
    delete: {
      operationId: 'removeWatch',
      ...watchOperation('Ends a watch', {
        '204': { description: 'It is no longer watched' },
        '409': problem('The configuration watches it'),
      }),
    },
  },
}
