import { isJsonObject, member } from './json.ts'
import { podTemplatesOf } from './pod-templates.ts'
import type { WorkloadKind } from './workload-kind.ts'

/**
 * Whether a pod template of the object asks that an injector completes its pods: by a label or an annotation whose key says so, as
 * those of Istio, Linkerd, Vault and OpenTelemetry do (`inject.istio.io/templates`, `linkerd.io/inject`). Anybody can write that.
 */
export function asksForInjection(kind: WorkloadKind, object: unknown): boolean {
  return podTemplatesOf(kind, object).some(({ template }) => {
    const metadata = member(template, 'metadata')
    return ['labels', 'annotations'].some(name => {
      const values = member(metadata, name)
      return isJsonObject(values) && Object.keys(values).some(key => key.includes('inject'))
    })
  })
}
