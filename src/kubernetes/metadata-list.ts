import type { KubeConfig } from '@kubernetes/client-node'
import { annotationsOf, at, itemsOf, member, textOf } from '../workload/index.ts'
import { callApi } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

/** What is read of an object where only its name and annotations matter. */
export interface ObjectMetadata {
  /** '' where its kind has none. */
  readonly namespace: string
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
}

/** What is listed. */
export interface MetadataListing {
  /** `deployments.apps` */
  readonly what: string
  readonly path: string
  readonly labelSelector?: string
  /** Which objects are kept: of most of a cluster nothing has to be. */
  readonly keep: (metadata: ObjectMetadata) => boolean
}

// Without specs an object is a kilobyte or two.
const pageSize = 500
/** An end for a server that always names another page: two million objects. */
const mostPages = 4_000
const answerLimit = 30_000
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** The objects of a list that are kept, page by page, without their specs. Rejects with KubernetesError. */
export async function listMetadata(
  kubeConfig: KubeConfig,
  { what, path, labelSelector, keep }: MetadataListing,
  signal: AbortSignal,
): Promise<readonly ObjectMetadata[]> {
  const kept: ObjectMetadata[] = []
  const request = { what: `list ${what}`, path, accept: metadataOnly }
  let token = ''
  for (let page = 0; page < mostPages; page += 1) {
    const query = {
      limit: String(pageSize),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(token !== '' && { continue: token }),
    }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerLimit)])
    // oxlint-disable-next-line eslint/no-await-in-loop -- each page's address is in the page before
    const answer = await callApi(kubeConfig, { ...request, query }, limit)
    kept.push(...itemsOf(member(answer, 'items')).map(metadataOf).filter(keep))
    token = textOf(at(answer, ['metadata', 'continue']))
    if (token === '') return kept
  }
  throw new KubernetesError('invalid-answer', { what: request.what, why: `more than ${mostPages} pages` })
}

function metadataOf(object: unknown): ObjectMetadata {
  const text = (name: string): string => textOf(at(object, ['metadata', name]))
  return { namespace: text('namespace'), name: text('name'), annotations: annotationsOf(object) }
}
