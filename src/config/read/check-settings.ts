import { createSchemes, SchemeError, type SchemeSettings } from '../../version/index.ts'
import type { Problem, RawConfig } from '../schema/validate.ts'
import { member } from '../../json/index.ts'
import type { CustomKind } from '../../workload/index.ts'

/** Problems of schemes that the schema allows: patterns that are not valid, texts that no image begins with. */
export function checkSchemes(schemes: readonly SchemeSettings[]): readonly Problem[] {
  return schemes.flatMap((scheme, at) => {
    try {
      createSchemes([scheme])
      return []
    } catch (error) {
      if (!(error instanceof SchemeError)) throw error
      const key = error.code === 'invalid-pattern' ? 'pattern' : 'images'
      return [{ path: `schemes[${at}].${key}`, message: error.message }]
    }
  })
}

/** Problems of custom kinds that the schema allows: a repeated path, two plurals of one kind. */
export function checkWorkloads(workloads: readonly CustomKind[]): readonly Problem[] {
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

/** An interval beside a cron expression; it looks at the document without defaults, which have an interval. */
export function checkSchedule(document: unknown): readonly Problem[] {
  const audit = member(document, 'audit')
  const isGiven = (key: string): boolean => (member(audit, key) ?? undefined) !== undefined
  const isBoth = isGiven('cron') && isGiven('intervalMinutes')
  return isBoth ? [{ path: 'audit.cron', message: 'is in place of intervalMinutes: keep one' }] : []
}

/** The settings of the webhook that contradict each other. */
export function checkWebhook({
  certificateFile,
  keyFile,
  clientCaFile,
  clientNames,
}: RawConfig['webhook']): readonly Problem[] {
  const problems: Problem[] = []
  if ((certificateFile === undefined) !== (keyFile === undefined))
    problems.push({ path: 'webhook', message: 'must have both of certificateFile and keyFile, or neither' })
  if (clientNames.length > 0 && clientCaFile === undefined)
    problems.push({ path: 'webhook.clientCaFile', message: 'is missing: clientNames needs it' })
  return problems
}
