import { resolvePolicy, type Policy } from '../policy/index.ts'
import type { RunningImage } from './inventory.ts'
import { movedTagsProblem, type MovedTags } from './moved-tag.ts'

/** Collects the labels and annotations that say nothing known, so that what they were to change stays as it is. */
export interface Ignored {
  /** Looks at those of an image's namespace and workload. */
  look(image: RunningImage, labels: Readonly<Record<string, string>>): void
  /** One sentence for each label of a namespace and each annotation of a workload. */
  sentences(): readonly string[]
}

/** A collection of none yet. */
export function createIgnored(defaults: Policy & { readonly movedTags: MovedTags }): Ignored {
  const sentences = new Set<string>()
  return {
    look({ workload, annotations }, labels) {
      const { kind, namespace, name } = workload
      // Apart, as many workloads share the labels of their namespace.
      for (const problem of resolvePolicy(defaults, labels, {}).problems)
        sentences.add(`namespace ${namespace}: ${problem}`)
      for (const problem of resolvePolicy(defaults, {}, annotations).problems)
        sentences.add(`${kind} ${namespace}/${name}: ${problem}`)
      const moved = movedTagsProblem(annotations, defaults.movedTags)
      if (moved !== undefined) sentences.add(`${kind} ${namespace}/${name}: ${moved}`)
    },
    sentences: () => [...sentences],
  }
}
