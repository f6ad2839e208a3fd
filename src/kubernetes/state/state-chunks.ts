import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { KubeConfig } from '@kubernetes/client-node'
import { at, textOf } from '../../json/index.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'

/** One part of a text, small enough for a ConfigMap. */
export interface StateChunk {
  /** Of the whole; a later one is higher. */
  readonly generation: number
  /** How many parts the whole has; 0 while they are being written. */
  readonly count: number
  /** SHA-256 of the whole, compressed, in hexadecimal. */
  readonly sha256: string
  /** A part of the compressed text. */
  readonly bytes: Uint8Array
}

/** The API server takes 1 MiB of data in a ConfigMap, names and all, and a request of 1.5 MiB: this is 1.2 MB as base64. */
const mostBytes = 900_000
/** 7.2 MB compressed, which is 50 MB and more of text: the state of some hundred thousand containers. */
export const mostChunks = 8
/** The longest text that is decompressed: a ConfigMap that another client wrote must not fill the memory. */
const mostText = 268_435_456

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** Splits a text into compressed parts. Throws StateStoreError `too-large`. */
export async function chunksOf(text: string, generation: number): Promise<readonly StateChunk[]> {
  const whole = await compress(text)
  const count = Math.max(1, Math.ceil(whole.length / mostBytes))
  if (count > mostChunks) {
    throw new StateStoreError('too-large', `${whole.length} bytes, more than ${mostChunks * mostBytes}`)
  }
  const sha256 = checksum(whole)
  return Array.from({ length: count }, (_, index) => ({
    generation,
    count,
    sha256,
    bytes: whole.subarray(index * mostBytes, (index + 1) * mostBytes),
  }))
}

/** Joins parts in their order to their text; undefined where they are not all of one text. */
export async function textOfChunks(chunks: readonly (StateChunk | undefined)[]): Promise<string | undefined> {
  const [first] = chunks
  if (first === undefined || first.count !== chunks.length) return undefined
  const parts = chunks.flatMap(chunk => (chunk?.sha256 === first.sha256 ? [chunk.bytes] : []))
  const whole = Buffer.concat(parts)
  if (parts.length !== chunks.length || checksum(whole) !== first.sha256) return undefined
  try {
    return (await decompress(whole, { maxOutputLength: mostText })).toString('utf8')
  } catch {
    // Whole, and yet not what we compressed: another client wrote it.
    return undefined
  }
}

function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A part with the version that a change of its ConfigMap has to name. */
export interface StoredChunk extends StateChunk {
  readonly resourceVersion: string
}

/** Reads and writes the ConfigMaps of one state. */
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
  /** Whether this process may write still, called right before it does. */
  readonly mayWrite?: () => boolean
}

/** A part of a megabyte, from a slow API server. */
const answerLimit = 15_000

/** Creates access to the ConfigMaps of a namespace. */
export function createChunkObjects({ kubeConfig, namespace, mayWrite }: StatePlace): ChunkObjects {
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`
  const pathOf = (name: string): string => `${all}/${encodeURIComponent(name)}`
  const call = (request: ApiRequest, signal: AbortSignal): Promise<unknown> =>
    callApi(kubeConfig, request, withTimeout(signal, answerLimit))
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
        throw wasChanged(error, replaces)
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

// A 404 for a version that is known: another client removed it.
function wasChanged(error: unknown, replaces: boolean): boolean {
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

// A ConfigMap of the name that is no part of a state becomes a part that fits nowhere, and is written over.
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

export type StateStoreErrorCode =
  | 'damaged' // nothing whole can be read
  | 'too-large' // it does not fit into the config maps
  | 'superseded' // another process stored something meanwhile

const nextSteps: Readonly<Record<StateStoreErrorCode, string>> = {
  damaged: 'delete these config maps to begin anew: what was told is told once more, and ages begin with it',
  'too-large': 'watch fewer namespaces, or run an audit for each part of them',
  superseded: 'nothing to do where there is a new leader; it is loaded again before the next attempt',
}

/** The state could not be read or stored. */
export class StateStoreError extends Error {
  override readonly name = 'StateStoreError'
  readonly code: StateStoreErrorCode

  constructor(code: StateStoreErrorCode, why: string, options: { readonly cause?: unknown } = {}) {
    super(`keep the state: ${why}; ${nextSteps[code]}`, options)
    this.code = code
  }
}
