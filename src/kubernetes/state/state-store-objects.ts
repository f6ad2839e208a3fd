import type { KubeConfig } from '@kubernetes/client-node'
import { at, textOf } from '../../json/index.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { StateStoreError } from './state-store-error.ts'
import type { StateChunk } from './state-store-chunks.ts'

/** A part with the version that a change of its ConfigMap has to name. */
export interface StoredChunk extends StateChunk {
  readonly resourceVersion: string
}

/** The ConfigMaps of one state. */
export interface ChunkObjects {
  /** Undefined where there is none of that name. */
  read(name: string, signal: AbortSignal): Promise<StoredChunk | undefined>
  /** Creates it, or replaces exactly that version. Throws StateStoreError `superseded`. */
  put(name: string, chunk: StateChunk | StoredChunk, signal: AbortSignal): Promise<StoredChunk>
  /** Removes it if it is there. */
  remove(name: string, signal: AbortSignal): Promise<void>
}

/** Where the state is kept. */
export interface StatePlace {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  /** Whether this process may write still, asked right before it does. */
  readonly mayWrite?: () => boolean
}

/** A part of a megabyte, from a slow API server. */
const answerLimit = 15_000

/** The ConfigMaps of a namespace. */
export function createChunkObjects({ kubeConfig, namespace, mayWrite }: StatePlace): ChunkObjects {
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`
  const pathOf = (name: string): string => `${all}/${encodeURIComponent(name)}`
  const call = (request: ApiRequest, signal: AbortSignal): Promise<unknown> =>
    callApi(kubeConfig, request, AbortSignal.any([signal, AbortSignal.timeout(answerLimit)]))
  return {
    async read(name, signal) {
      const what = `get config map ${namespace}/${name}`
      try {
        return parseChunk(await call({ what, path: pathOf(name) }, signal), what)
      } catch (error) {
        if (error instanceof KubernetesError && error.code === 'not-found') return undefined
        throw error
      }
    },
    async put(name, chunk, signal) {
      const place = `config map ${namespace}/${name}`
      const replaces = 'resourceVersion' in chunk
      const what = `${replaces ? 'replace' : 'create'} ${place}`
      const path = replaces ? pathOf(name) : all
      const write = { method: replaces ? 'PUT' : 'POST', body: objectOf({ namespace, name }, chunk) } as const
      try {
        return parseChunk(await call({ what, path, write, mayWrite }, signal), what)
      } catch (error) {
        throw isOthers(error, replaces)
          ? new StateStoreError('superseded', `${place} was changed meanwhile`, { cause: error })
          : error
      }
    },
    async remove(name, signal) {
      const what = `delete config map ${namespace}/${name}`
      try {
        await call({ what, path: pathOf(name), mayWrite, write: { method: 'DELETE' } }, signal)
      } catch (error) {
        if (!(error instanceof KubernetesError) || error.code !== 'not-found') throw error
      }
    },
  }
}

// A 404 for a version that is known: somebody removed it.
function isOthers(error: unknown, replaces: boolean): boolean {
  if (!(error instanceof KubernetesError)) return false
  return error.code === 'conflict' || (replaces && error.code === 'not-found')
}

function objectOf(
  place: { readonly namespace: string; readonly name: string },
  chunk: StateChunk | StoredChunk,
) {
  const { generation, count, sha256, bytes } = chunk
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...place,
      ...('resourceVersion' in chunk && { resourceVersion: chunk.resourceVersion }),
      labels: { 'app.kubernetes.io/name': 'patchline', 'app.kubernetes.io/component': 'audit' },
    },
    data: { generation: String(generation), count: String(count), sha256 },
    binaryData: { state: Buffer.from(bytes).toString('base64') },
  }
}

// What is no part of a state (somebody's own ConfigMap of the name) is one that fits nowhere, and is written over.
function parseChunk(object: unknown, what: string): StoredChunk {
  const resourceVersion = textOf(at(object, ['metadata', 'resourceVersion']))
  if (resourceVersion === '') {
    throw new KubernetesError('invalid-answer', { what, why: 'the answer is not an object with a version' })
  }
  const data = (key: string): string => textOf(at(object, ['data', key]))
  return {
    resourceVersion,
    generation: wholeNumber(data('generation')),
    count: wholeNumber(data('count')),
    sha256: data('sha256'),
    bytes: Buffer.from(textOf(at(object, ['binaryData', 'state'])), 'base64'),
  }
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0
}
