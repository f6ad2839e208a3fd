import type { ConfiguredWorkload } from './config.ts'
import type { Problem } from './validate.ts'

/** What is wrong with custom kinds that the schema allows: a path that is there twice, two plurals of one kind. */
export function checkWorkloads(workloads: readonly ConfiguredWorkload[]): readonly Problem[] {
  return workloads.flatMap((one, at) => {
    const earlier = workloads
      .slice(0, at)
      .filter(({ group, kind }) => group === one.group && kind === one.kind)
    const path = `workloads[${at}]`
    if (earlier.some(({ podTemplate }) => podTemplate === one.podTemplate))
      return [{ path: `${path}.podTemplate`, message: `${one.podTemplate} of ${one.kind} is there twice` }]
    const [first] = earlier
    if (first === undefined || first.resource === one.resource) return []
    return [{ path: `${path}.resource`, message: `must be the same in every entry of ${one.kind}` }]
  })
}
