import type { KubeConfig } from '@kubernetes/client-node'
import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { grantOf, type ListSpec, type ListWatchTiming } from '../watch/list-spec.ts'
import { ListWatch } from '../watch/list-watch.ts'

/** A CertificateSigningRequest that nothing has answered yet. Instants in epoch milliseconds. */
export interface PendingRequest {
  readonly name: string
  /** The user whom the API server saw create it. */
  readonly username: string
  readonly usages: readonly string[]
  /** PKCS#10, PEM, as the requester wrote it. */
  readonly request: string
  readonly createdAt: number
  /** How long it is to last, in milliseconds; undefined: it does not say. */
  readonly lifetime: number | undefined
  /** Another client approved it already. */
  readonly isApproved: boolean
}

/** The answer to a request: a certificate (PEM), or why there is none. */
export type RequestAnswer =
  | { readonly outcome: 'issued'; readonly certificate: string }
  | { readonly outcome: 'denied'; readonly reason: string; readonly message: string }

/** The requests to one signer, for the process that signs. */
export interface SigningRequests {
  /** Those of the user first. */
  pending(username: string): readonly PendingRequest[]
  /** Answers a request. Rejects with KubernetesError. */
  answer(request: PendingRequest, answer: RequestAnswer, signal: AbortSignal): Promise<void>
  /** Leaves a request unanswered, until it changes. */
  leave(request: PendingRequest): void
  /** Begins to watch; resolves with the first list, or some seconds later. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Whose requests, and what is called. */
export interface SigningRequestsOptions {
  readonly kubeConfig: KubeConfig
  readonly signerName: string
  /** A request has come. */
  readonly onChange: () => void
  readonly onProblem: (problem: KubernetesError) => void
  /** See `ApiRequest`. */
  readonly mayWrite: () => boolean
}

/** Where requests for certificates are. */
export const requestsPath = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
/** Milliseconds for one answer. */
const answerLimit = 10_000
/** Users who may create requests may create many; those that are left out are removed by the cluster after a day. */
const mostPending = 2_000
const mostOfUser = 50
/** Base64 of a PEM text: one that is longer is not signed, however it goes on. */
const mostCharacters = 12_000

/** Creates the watch of the requests to one signer, and what answers them. */
export function createSigningRequests(options: SigningRequestsOptions): SigningRequests {
  const { kubeConfig, signerName, onProblem } = options
  const pending = createPending(options)
  const watch = new ListWatch<StoredRequest>({
    kubeConfig,
    versions: [specOf(signerName)],
    sink: pending,
    onProblem,
    timing: timing(),
  })
  return {
    pending(username) {
      const all = pending.all()
      return [
        ...all.filter(one => one.username === username),
        ...all.filter(one => one.username !== username),
      ]
    },
    async answer(request, answer, signal) {
      await writeAnswer(options, { request, answer }, withTimeout(signal, answerLimit))
      pending.delete(request)
    },
    leave: request => pending.delete(request),
    start: () => watch.start(),
    close: () => watch.close(),
  }
}

/** Creates the memory of requests that wait, bounded for each user and in all. */
function createPending({ onChange }: Pick<SigningRequestsOptions, 'onChange'>) {
  const pending = new Map<string, PendingRequest>()
  const isRoom = (user: string): boolean =>
    pending.size < mostPending &&
    [...pending.values()].filter(({ username }) => username === user).length < mostOfUser
  const set = (request: StoredRequest): void => {
    const { name, username, isPending } = request
    if (!isPending) return void pending.delete(name)
    if (!pending.has(name) && !isRoom(username)) return
    pending.set(name, request)
    onChange()
  }
  return {
    all: () => [...pending.values()],
    set,
    delete: ({ name }: Pick<PendingRequest, 'name'>): void => void pending.delete(name),
    replace(all: readonly StoredRequest[]): void {
      pending.clear()
      all.forEach(set)
    },
  }
}

interface Answered {
  readonly request: PendingRequest
  readonly answer: RequestAnswer
}

async function writeAnswer(
  { kubeConfig, mayWrite }: SigningRequestsOptions,
  { request, answer }: Answered,
  signal: AbortSignal,
): Promise<void> {
  const object = `${requestsPath}/${encodeURIComponent(request.name)}`
  const what = (verb: string): string => `${verb} certificatesigningrequest ${request.name}`
  const put = async (subresource: string, body: unknown, verb: string): Promise<unknown> =>
    callApi(
      kubeConfig,
      { what: what(verb), path: `${object}/${subresource}`, write: { method: 'PUT', body }, mayWrite },
      signal,
    )
  const stored = await callApi(kubeConfig, { what: what('get'), path: object }, signal)
  switch (answer.outcome) {
    case 'issued': {
      const condition = conditionOf(
        'Approved',
        'Webhook',
        'a replica of the webhook asks for its own Service',
      )
      const approved = request.isApproved
        ? stored
        : await put('approval', withCondition(stored, condition), 'approve')
      const certificate = Buffer.from(answer.certificate).toString('base64')
      return void (await put('status', withStatus(approved, { certificate }), 'sign'))
    }
    case 'denied': {
      const { reason, message } = answer
      // What another client approved cannot be denied any more: it is not signed.
      return request.isApproved
        ? void (await put('status', withCondition(stored, conditionOf('Failed', reason, message)), 'refuse'))
        : void (await put('approval', withCondition(stored, conditionOf('Denied', reason, message)), 'deny'))
    }
  }
}

function conditionOf(type: string, reason: string, message: string) {
  return { type, status: 'True', reason, message }
}

function withCondition(object: unknown, condition: object): unknown {
  return withStatus(object, { conditions: [...itemsOf(at(object, ['status', 'conditions'])), condition] })
}

function withStatus(object: unknown, change: object): unknown {
  const status = member(object, 'status')
  if (!isJsonObject(object)) return object
  return { ...object, status: { ...(isJsonObject(status) && status), ...change } }
}

interface StoredRequest extends PendingRequest {
  readonly isPending: boolean
}

function specOf(signerName: string): ListSpec<StoredRequest> {
  const group = 'certificates.k8s.io'
  const resource = 'certificatesigningrequests'
  return {
    what: resource,
    path: requestsPath,
    fieldSelector: `spec.signerName=${signerName}`,
    grant: grantOf({ group, resource, namespace: undefined }),
    pageSize: 250,
    mostPages: 200,
    read: readRequest,
    shape: {
      members: {
        metadata: { members: { name: 'whole', creationTimestamp: 'whole', resourceVersion: 'whole' } },
        spec: {
          members: { username: 'whole', usages: 'whole', request: 'whole', expirationSeconds: 'whole' },
        },
        status: 'whole',
      },
    },
  }
}

function readRequest(object: unknown, what: string): StoredRequest {
  const name = textOf(at(object, ['metadata', 'name']))
  const createdAt = Date.parse(textOf(at(object, ['metadata', 'creationTimestamp'])))
  if (name === '' || Number.isNaN(createdAt))
    throw new KubernetesError('invalid-answer', { what, why: 'a request without name or time' })
  const seconds = at(object, ['spec', 'expirationSeconds'])
  const types = conditionTypes(object)
  const isIssued = textOf(at(object, ['status', 'certificate'])) !== ''
  return {
    name,
    createdAt,
    username: textOf(at(object, ['spec', 'username'])),
    usages: itemsOf(at(object, ['spec', 'usages'])).map(textOf),
    request: Buffer.from(textOf(at(object, ['spec', 'request'])).slice(0, mostCharacters), 'base64').toString(
      'latin1',
    ),
    lifetime: typeof seconds === 'number' ? seconds * 1000 : undefined,
    isApproved: types.includes('Approved'),
    isPending: !isIssued && !types.includes('Denied') && !types.includes('Failed'),
  }
}

function conditionTypes(object: unknown): readonly string[] {
  return itemsOf(at(object, ['status', 'conditions'])).map(condition => textOf(member(condition, 'type')))
}

const timing = (): ListWatchTiming => ({
  answerLimit: 10_000,
  watchSeconds: 300 + Math.floor(Math.random() * 300),
  silenceLimit: 150_000,
  first: 500,
  most: 15_000,
  firstListLimit: 5_000,
})
