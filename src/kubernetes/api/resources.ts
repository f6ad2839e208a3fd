import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import { annotationsOf } from '../../workload/index.ts'
import { callApi, type ApiRequest } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { withTimeout } from './timing.ts'

/** A kind of resource in one version of its group. */
export interface ServedResource {
  readonly group: string
  readonly version: string
  /** As in paths: `policyreports`. */
  readonly resource: string
  readonly kind: string
}

/** Milliseconds for each request of a discovery. */
const discoveryLimit = 10_000

/** The first of the resources that the API server has; undefined where it has none. Rejects with KubernetesError. */
export async function firstServed<T extends ServedResource>(
  kubeConfig: KubeConfig,
  candidates: readonly T[],
  signal: AbortSignal,
): Promise<T | undefined> {
  for (const candidate of candidates)
    // oxlint-disable-next-line eslint/no-await-in-loop -- the first is nearly always it
    if (await isServed(kubeConfig, candidate, signal)) return candidate
  return undefined
}

async function isServed(
  kubeConfig: KubeConfig,
  { group, version, resource }: ServedResource,
  signal: AbortSignal,
): Promise<boolean> {
  const what = `discover ${resource}.${group}`
  const path = `/apis/${group}/${version}`
  try {
    const served = await callApi(kubeConfig, { what, path }, withTimeout(signal, discoveryLimit))
    return itemsOf(member(served, 'resources')).some(one => member(one, 'name') === resource)
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'not-found') return false
    throw error
  }
}

/** A list of objects, and how many of them are on a page. */
export interface PagedList extends Pick<ApiRequest, 'what' | 'path' | 'accept'> {
  readonly labelSelector?: string | undefined
  readonly pageSize: number
}

/** An end for a server that always names another page: a million objects and more. */
const mostPages = 4_000
/** Milliseconds for each page. */
const pageLimit = 30_000

/** The objects of a list, page by page. Throws KubernetesError. */
export async function* listPages(
  kubeConfig: KubeConfig,
  { labelSelector, pageSize, ...request }: PagedList,
  signal: AbortSignal,
): AsyncGenerator<readonly unknown[], void> {
  let token = ''
  for (let page = 0; page < mostPages; page += 1) {
    const query = {
      limit: String(pageSize),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(token !== '' && { continue: token }),
    }
    // oxlint-disable-next-line eslint/no-await-in-loop -- each page's address is in the page before
    const list = await callApi(kubeConfig, { ...request, query }, withTimeout(signal, pageLimit))
    yield itemsOf(member(list, 'items'))
    token = textOf(at(list, ['metadata', 'continue']))
    if (token === '') return
  }
  throw new KubernetesError('invalid-answer', { what: request.what, why: `more than ${mostPages} pages` })
}

/** The name and the annotations of an object, where nothing else of it matters. */
export interface ObjectMetadata {
  /** '' where its kind has none. */
  readonly namespace: string
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
}

/** A list of which only metadata is read. */
export interface MetadataListing {
  /** `deployments.apps` */
  readonly what: string
  readonly path: string
  readonly labelSelector?: string
  /** Which objects are kept: most of a cluster is not needed. */
  readonly keep: (metadata: ObjectMetadata) => boolean
}

/** Objects on a page: without specs an object is a kilobyte or two. */
const metadataPageSize = 500
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** The objects of a list that are kept, without their specs. Rejects with KubernetesError. */
export async function listMetadata(
  kubeConfig: KubeConfig,
  { what, path, labelSelector, keep }: MetadataListing,
  signal: AbortSignal,
): Promise<readonly ObjectMetadata[]> {
  const list = { what: `list ${what}`, path, labelSelector, accept: metadataOnly, pageSize: metadataPageSize }
  const kept: ObjectMetadata[] = []
  for await (const items of listPages(kubeConfig, list, signal))
    kept.push(...items.map(metadataOf).filter(keep))
  return kept
}

function metadataOf(object: unknown): ObjectMetadata {
  const text = (name: string): string => textOf(at(object, ['metadata', name]))
  return { namespace: text('namespace'), name: text('name'), annotations: annotationsOf(object) }
}
