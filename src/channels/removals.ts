import { byWorkload, type Digest, type Finding } from '../notification/index.ts'

/** A namespace that was deleted, with all that was in it. */
export interface RemovedNamespace {
  readonly name: string
  /** That had findings. */
  readonly workloads: number
}

/** What of a digest is gone: namespaces, each said once, and the findings of workloads of other namespaces. */
export interface Removals {
  readonly namespaces: readonly RemovedNamespace[]
  readonly alone: readonly Finding[]
}

/** What of a digest is gone. */
export function removalsOf({ removed, goneNamespaces }: Digest): Removals {
  const gone = new Set(goneNamespaces)
  return {
    namespaces: goneNamespaces.map(name => ({
      name,
      workloads: byWorkload(removed.filter(({ workload }) => workload.namespace === name)).length,
    })),
    alone: removed.filter(({ workload }) => !gone.has(workload.namespace)),
  }
}
