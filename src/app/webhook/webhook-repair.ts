import { createRepairLimit, type RepairLimit } from '../../certificates/index.ts'
import {
  KubernetesError,
  setCaBundle,
  patchWebhookPath,
  type WebhookConfigurationState,
  type loadKubeConfig,
} from '../../kubernetes/index.ts'
import type { Logger, Metrics } from '../../telemetry/index.ts'

/** With what webhook configurations are written. */
export interface WebhookRepairParts {
  readonly kubeConfig: Awaited<ReturnType<typeof loadKubeConfig>>
  /** Of both configurations. */
  readonly name: string
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'countRepair' | 'setRepairsBackedOff'>
  readonly mayWrite: () => boolean
  readonly signal: AbortSignal
}

/** A field of each webhook, and what it is to hold. */
export type WantedField =
  | { readonly field: 'bundle'; readonly content: string }
  | { readonly field: 'path'; readonly content: string }

/** Writes the fields of webhooks that Patchline owns, and yields to another writer that does not stop. */
export interface WebhookRepair {
  /**
   * Writes the field where a webhook has something else. Resolves to the milliseconds after which to try again: Infinity where
   * nothing is left. Rejects with KubernetesError.
   */
  write(wanted: WantedField, configurations: readonly WebhookConfigurationState[]): Promise<number>
  /** To be called when nothing is to be written: a war that is over is not told any longer. */
  settled(): void
}

const remedy =
  'let it ignore clientConfig.caBundle and service.path of both webhook configurations: ignoreDifferences in Argo CD, no annotation cert-manager.io/inject-ca-from; docs/certificates.md'

/** Creates the writer; each configuration and field has its own limit. */
export function createWebhookRepair(parts: WebhookRepairParts): WebhookRepair {
  const limits = new Map<string, RepairLimit>()
  const limitOf = (resource: string, field: WantedField['field']): RepairLimit => {
    const key = `${resource} ${field}`
    const limit = limits.get(key) ?? createRepairLimit(() => performance.now())
    limits.set(key, limit)
    return limit
  }
  const settled = (): void =>
    parts.metrics.setRepairsBackedOff([...limits.values()].some(limit => limit.isBackedOff()))
  return {
    settled,
    async write(wanted, configurations) {
      const waits = [Infinity]
      for (const configuration of configurations) {
        if (isAsWanted(configuration, wanted)) continue
        const limit = limitOf(configuration.resource, wanted.field)
        const wait = limit.wait()
        if (wait > 0) waits.push(wait)
        // oxlint-disable-next-line eslint/no-await-in-loop -- two configurations, one after the other
        else await repair(configuration, wanted, { ...parts, limit })
      }
      settled()
      return Math.min(...waits)
    },
  }
}

function isAsWanted({ webhooks }: WebhookConfigurationState, { field, content }: WantedField): boolean {
  return webhooks.every(({ bundle, secretPath }) => (field === 'bundle' ? bundle : secretPath) === content)
}

async function repair(
  { resource, otherWriters }: WebhookConfigurationState,
  wanted: WantedField,
  { limit, log, metrics, ...parts }: WebhookRepairParts & { readonly limit: RepairLimit },
): Promise<void> {
  const { field, content } = wanted
  const patch = { ...parts, resources: [resource] }
  try {
    const outcomes =
      field === 'bundle'
        ? await setCaBundle({ ...patch, bundle: content })
        : await patchWebhookPath({ ...patch, path: content })
    // Our watch may be a moment behind our own last write.
    if (outcomes.every(({ outcome }) => outcome !== 'patched')) return
  } catch (error) {
    // Deleted meanwhile: what an administrator deletes is not made anew.
    if (error instanceof KubernetesError && error.code === 'not-found') return
    throw error
  }
  metrics.countRepair(resource, field)
  const isNowBackedOff = limit.wrote(content)
  log.info({ resource, field, otherWriters }, 'webhook configuration written')
  if (isNowBackedOff)
    log.warn({ resource, field, otherWriters, remedy }, 'another writer undoes it, one repair a minute')
}
