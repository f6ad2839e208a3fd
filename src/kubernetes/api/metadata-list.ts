import type { KubeConfig } from '@kubernetes/client-node'
import { at, textOf } from '../../json/index.ts'
import { annotationsOf } from '../../workload/index.ts'
import { listPages } from './list-pages.ts'

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
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** The objects of a list that are kept, page by page, without their specs. Rejects with KubernetesError. */
export async function listMetadata(
  kubeConfig: KubeConfig,
  { what, path, labelSelector, keep }: MetadataListing,
  signal: AbortSignal,
): Promise<readonly ObjectMetadata[]> {
  const list = { what: `list ${what}`, path, labelSelector, accept: metadataOnly, pageSize }
  const kept: ObjectMetadata[] = []
  for await (const items of listPages(kubeConfig, list, signal))
    kept.push(...items.map(metadataOf).filter(keep))
  return kept
}

function metadataOf(object: unknown): ObjectMetadata {
  const text = (name: string): string => textOf(at(object, ['metadata', name]))
  return { namespace: text('namespace'), name: text('name'), annotations: annotationsOf(object) }
}
