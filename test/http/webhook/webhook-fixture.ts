import { request as httpsRequest, type Agent } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { AdmissionRequest, Reviewed, Reviewer } from '../../../src/admission/index.ts'
import { createCertificates } from '../../../src/certificates/index.ts'
import {
  createWebhookServer,
  type PemPair,
  type WebhookLimits,
  type WebhookServer,
  type WebhookServerOptions,
} from '../../../src/http/index.ts'

/** What a reviewer of a test does with one request. */
export type Review = (request: AdmissionRequest, budget: number) => Promise<Partial<Reviewed['response']>>

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** It came over a connection that had been used before. */
  readonly reused: boolean
}

export interface Asking {
  readonly path?: string
  readonly method?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: Agent
  readonly ca?: string
  /** A client certificate, PEM. */
  readonly client?: { readonly cert: string; readonly key: string }
}

export interface Webhook {
  readonly server: WebhookServer
  readonly port: number
  readonly pair: PemPair
  readonly ca: string
  readonly recorded: unknown[]
  readonly logged: unknown[]
  readonly ask: (asking?: Asking) => Promise<Answer>
}

/** A serving pair for 127.0.0.1 and the authority that signed it. */
export async function newPair(): Promise<{ readonly pair: PemPair; readonly ca: string }> {
  const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
  return { pair: serving, ca: ca.certificate }
}

/** A webhook on a free port of 127.0.0.1, with a reviewer that allows and repeats the budget it was given. */
export async function startWebhook(
  t: { teardown(end: () => unknown): void },
  options: {
    readonly review?: Review
    readonly limits?: Partial<WebhookLimits>
    readonly failingRecorder?: boolean
    readonly known?: Pick<WebhookServerOptions, 'client' | 'paths'>
  } = {},
): Promise<Webhook> {
  const { pair, ca } = await newPair()
  const recorded: unknown[] = []
  const logged: unknown[] = []
  const server = createWebhookServer({
    pair,
    reviewer: reviewerOf(
      options.review ?? (async (_request, budget) => ({ warnings: [`budget ${budget}`] })),
    ),
    recorder: {
      reviewed(event, seconds) {
        if (options.failingRecorder === true) throw new Error('recorder failed')
        recorded.push([event.endpoint, event.uid, event.decision, seconds >= 0])
      },
      failed: (endpoint, failure) => void recorded.push([endpoint, failure]),
    },
    log: { error: (fields, message) => void logged.push([message, fields]) },
    now: () => performance.now(),
    ...options.known,
    ...(options.limits !== undefined && { limits: options.limits }),
  })
  const port = await server.listen('127.0.0.1', 0)
  t.teardown(() => server.close())
  const ask = (asking: Asking = {}): Promise<Answer> => send(port, { ca, ...asking })
  return { server, port, pair, ca, recorded, logged, ask }
}

function reviewerOf(review: Review): Reviewer {
  const answer = (endpoint: 'validate' | 'mutate') => async (request: AdmissionRequest, budget: number) => ({
    response: { uid: request.uid, allowed: true, ...(await review(request, budget)) },
    event: {
      endpoint,
      uid: request.uid,
      operation: request.operation,
      kind: request.kind,
      namespace: request.namespace,
      name: request.name,
      user: request.user.name,
      decision: 'allowed' as const,
      emergency: undefined,
      evaluations: [],
    },
  })
  return { validate: answer('validate'), mutate: answer('mutate') }
}

/** An AdmissionReview of a Deployment, as text. */
export function reviewText(uid = 'uid-1', metadata: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      operation: 'CREATE',
      namespace: 'web',
      name: 'web',
      userInfo: { username: 'alice' },
      object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata } },
    },
  })
}

function send(port: number, asking: Asking): Promise<Answer> {
  const { path = '/validate', method = 'POST', body = reviewText(), headers, agent, ca, client } = asking
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: agent ?? false,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
        ...(ca !== undefined && { ca }),
        ...client,
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const { statusCode: status = 0, headers } = response
          resolve({ status, headers, text, reused: request.reusedSocket })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
