import type { DriftReport } from '../../audit/index.ts'
import { composeAccess, kubeConfigOf, withoutSecrets } from '../parts/access.ts'
import { composeCatalog, type ComposedCatalog } from '../parts/catalog.ts'
import { composeDriftAudit } from './cycle.ts'
import type { Config } from '../../config/index.ts'
import { parseReferences } from '../../image/index.ts'
import { createInventory, createPolicyWatch, ping, type WatchedInventory } from '../../kubernetes/index.ts'
import { createShutdown, type Shutdown } from '../process/lifecycle.ts'
import {
  createLocalCredentials,
  createExtendedCredentials,
  type AdviceTexts,
  type DockerConfigPlaces,
} from '../../registry/index.ts'
import { createLogger } from '../../telemetry/index.ts'

type KubeConfig = Awaited<ReturnType<typeof kubeConfigOf>>

/** What one look at a cluster needs. */
export interface AuditOnceOptions {
  readonly context: string | undefined
  /** The words of advice in errors of registries. */
  readonly advice: AdviceTexts
  /** Where the credentials of the person who asks are. */
  readonly personal: Omit<DockerConfigPlaces, 'registries'>
  readonly onProgress: (done: number, all: number) => void
  /** Takes what is wrong with those credentials, or with the copy of the catalog on disk. */
  readonly onProblem: (problem: string) => void
}

/**
 * The drift report of a cluster as it is now; nothing has to be installed there.
 * @throws Error that says why the cluster cannot be looked at.
 */
export async function auditOnce(config: Config, options: AuditOnceOptions): Promise<DriftReport> {
  const shutdown = createShutdown()
  try {
    // Standard output is the report's.
    const log = createLogger({ level: 'error', destination: 2 })
    const kubeConfig = await kubeConfigOf(config, options.context)
    await ping(kubeConfig)
    const composed = composeCatalog(config, {
      log,
      shutdown,
      advice: options.advice,
      onStoreProblem: options.onProblem,
    })
    const own = await composeAccess(
      config,
      { log, kubeConfig: async () => kubeConfig, account: undefined },
      shutdown,
    )
    const { inventory, policies } = await watchCluster(config, { ...options, kubeConfig }, shutdown)
    const personal = await createLocalCredentials({
      ...options.personal,
      registries: registriesOf(inventory, composed),
    })
    const access = createExtendedCredentials(
      composed.withConfigured(own ?? withoutSecrets),
      (_, repository) => personal.credentialsFor(repository),
    )
    const audit = composeDriftAudit(config, { inventory, composed, access, policies })
    for (const problem of personal.problems) options.onProblem(problem)
    return await audit.run(new AbortController().signal, options.onProgress)
  } finally {
    await shutdown.run()
  }
}

/** What runs, and what decides about it, as the first lists say. */
async function watchCluster(
  { audit: { namespaces }, kubernetes }: Config,
  { kubeConfig, onProblem }: Pick<AuditOnceOptions, 'onProblem'> & { readonly kubeConfig: KubeConfig },
  shutdown: Shutdown,
) {
  const timing = { firstListLimit }
  const inventory = createInventory({ kubeConfig, namespaces, onProblem: () => {}, timing })
  shutdown.defer(() => inventory.close())
  const policies = createPolicyWatch({
    kubeConfig,
    namespaces,
    now: Date.now,
    // The report has the rights that are missing.
    onProblem: ({ code, message }) => (code === 'forbidden' ? undefined : onProblem(message)),
    timing,
  })
  shutdown.defer(() => policies.close())
  await Promise.all([inventory.start(), kubernetes.policies === 'off' ? undefined : policies.start()])
  assertThere(namespaces, inventory)
  return { inventory, policies }
}

// Only of these are credential helpers asked.
function registriesOf(inventory: WatchedInventory, { locate }: ComposedCatalog): readonly string[] {
  const images = new Set([...inventory.images()].map(({ image }) => image))
  return [...new Set(parseReferences([...images]).map(reference => locate(reference).registry))]
}

// A hundred thousand pods from a busy API server; the progress shows that it goes on.
const firstListLimit = 300_000

// A slip of the finger would otherwise pass as a namespace in which all is well.
function assertThere(namespaces: readonly string[], inventory: WatchedInventory): void {
  const missing = inventory.synced
    ? namespaces.find(name => inventory.labelsOf(name) === undefined)
    : undefined
  if (missing !== undefined) throw new Error(`there is no namespace ${JSON.stringify(missing)}`)
}
