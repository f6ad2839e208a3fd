import {
  createCatalog,
  createDiskStore,
  createLogDeduplication,
  createStoreWithout,
  type Catalog,
  type CatalogStore,
  type LookUpEvent,
} from '../../catalog/index.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import type { Config } from '../../config/index.ts'
import { proxyFromEnvironment } from '../../egress/index.ts'
import type { AccessSource, TimeLimit } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import {
  createConfiguredCredentials,
  createRegistryClient,
  publicRegistries,
  type RegistryClient,
  type AdviceTexts,
  type RegistryClientOptions,
  type RegistrySettings,
} from '../../registry/index.ts'
import { createMetrics, type Logger, type Metrics } from '../../telemetry/index.ts'
import { version } from '../process/version.ts'
import {
  createChannelRules,
  createSchemes,
  createSupportTables,
  type ChannelRules,
  type Schemes,
  type TagReading,
} from '../../version/index.ts'

const minute = 60_000
const hour = 60 * minute

/** A client of the registries that the configuration allows. */
export function composeTagSource(
  config: Config,
  options: Pick<RegistryClientOptions, 'onDropped' | 'onRequest' | 'advice'> = {},
): RegistryClient {
  return createRegistryClient({
    registries: allowedRegistries(config),
    userAgent: `patchline/${version}`,
    now: Date.now,
    egress: {
      allowedRanges: config.egress.allowedRanges,
      proxy: proxyFromEnvironment(config.egress.proxyEnvironment),
    },
    ...options,
  })
}

// The later of two with one host holds: what is configured overrules what is built in.
function allowedRegistries(config: Config): readonly RegistrySettings[] {
  return [...(config.publicRegistries ? publicRegistries : []), ...config.registries]
}

/** How the tags of each repository are read. @throws SchemeError that names the scheme of the configuration that cannot be used. */
export function composeSchemes(config: Config): Schemes {
  return createSchemes(config.schemes)
}

/** What is known of registries, with what counts it. */
export interface ComposedCatalog {
  readonly catalog: Catalog
  readonly metrics: Metrics
  readonly schemes: Schemes
  readonly channelRules: ChannelRules
  /** With what the configuration's credentials see, for the namespaces that they are for: whose namespace must be certain. */
  readonly withConfigured: (access: AccessSource) => AccessSource
  /** Where the tags of a repository really are, if its registry is an alias. */
  readonly locate: RegistryClient['locate']
}

/** What a catalog is composed with. */
interface CatalogSurroundings {
  readonly log: Logger
  readonly shutdown: Shutdown
  /** The words of advice in errors of registries; by default those for the administrator of a server. */
  readonly advice?: AdviceTexts
  /** Takes what is wrong with the copy on disk, once for each kind of problem; the log has it anyway. */
  readonly onStoreProblem?: (problem: string) => void
}

/** The catalog over the registries, with its copy on disk loaded: what was known before a restart is known at once. */
export function composeCatalog(config: Config, surroundings: CatalogSurroundings): ComposedCatalog {
  const { log, shutdown, advice } = surroundings
  const schemes = composeSchemes(config)
  const source = composeTagSource(config, {
    onDropped: (registry, texts) => log.debug({ registry, texts }, 'texts among tags that are none'),
    onRequest: event => metrics.countRegistryRequest(event),
    ...(advice !== undefined && { advice }),
  })
  shutdown.defer(() => source.close())
  const metrics = createMetrics({
    version,
    registries: source.hosts(),
    catalogSize: () => catalog.size(),
    registryState: () => ({ budgets: source.budgets(), circuits: source.circuits() }),
  })
  const audienceOf: RegistryClient['audienceOf'] = place => source.audienceOf(place)
  const store = composeStore(config, { ...surroundings, metrics, audienceOf })
  const isNews = createLogDeduplication()
  const ended = new AbortController()
  const catalog = createCatalog(source, {
    ...limitsOf(config),
    now: Date.now,
    random: Math.random,
    registries: source.hosts(),
    refusal: repository => source.refusal(repository),
    locate: repository => source.locate(repository),
    reading: repository => schemes.of(repository),
    ...(store !== undefined && { store }),
    onLookUp(event) {
      // What the end of the process stops is no trouble of a registry.
      if (!ended.signal.aborted) recordLookUp(event, { log, metrics, isNews })
    },
    onSuspicion: ({ repository, ...missing }) => log.warn({ ...repository, ...missing }, tagsMissing),
  })
  shutdown.defer(() => {
    ended.abort()
    return catalog.close()
  })
  // What is asked for meanwhile is brought at once.
  void catalog.load().catch((error: unknown) => log.error({ err: error }, 'copy of the catalog not loaded'))
  return { catalog, metrics, schemes, channelRules: channelRulesOf(config), ...placesOf(source) }
}

function channelRulesOf({ supportTables }: Config): ChannelRules {
  return createChannelRules(createSupportTables(supportTables))
}

const tagsMissing = 'tags are missing, looking again before they are taken for gone'

/** The catalog of one command: as the webhook's, but with what is asked for once, and without a copy on disk. */
export function composeCommandCatalog(
  source: RegistryClient,
  reading: (repository: Repository) => TagReading,
): Catalog {
  return createCatalog(source, {
    now: Date.now,
    random: Math.random,
    refusal: repository => source.refusal(repository),
    locate: repository => source.locate(repository),
    reading,
  })
}

function placesOf(source: RegistryClient): Pick<ComposedCatalog, 'withConfigured' | 'locate'> {
  const audienceOf: RegistryClient['audienceOf'] = repository => source.audienceOf(repository)
  return {
    withConfigured: access => createConfiguredCredentials(access, audienceOf),
    locate: repository => source.locate(repository),
  }
}

function limitsOf({ catalog, webhook }: Config) {
  return {
    refreshAfter: catalog.refreshAfterMinutes * minute,
    staleAfter: catalog.staleAfterHours * hour,
    slowAfter: webhook.lookupBudgetMilliseconds,
    tags: catalog.maximumTags,
  }
}

interface Observed {
  readonly log: Logger
  readonly metrics: Metrics
}

interface StoreParts
  extends Observed, Pick<RegistryClient, 'audienceOf'>, Pick<CatalogSurroundings, 'onStoreProblem'> {}

function composeStore(
  { catalog }: Config,
  { log, metrics, audienceOf, onStoreProblem }: StoreParts,
): CatalogStore | undefined {
  if (catalog.directory === undefined) return undefined
  const store = createDiskStore({
    directory: catalog.directory,
    now: Date.now,
    onProblem({ kind, file, message, repeated }) {
      metrics.countDiskError(kind)
      if (repeated) return
      log.warn({ kind, file, reason: message }, 'copy of the catalog on disk')
      onStoreProblem?.(`the copy of the catalog on disk: ${file}: ${message}`)
    },
  })
  // The disk may hold lists from a time at which all namespaces were told of them.
  return createStoreWithout(store, repository => audienceOf(repository) !== undefined)
}

interface LookUpObserved extends Observed {
  readonly isNews: ReturnType<typeof createLogDeduplication>
}

// A host that is not allowed, and what more look-ups of a namespace than may wait were to ask for.
const notAsked: ReadonlySet<LookUpEvent['outcome']> = new Set(['not-allowed', 'not-checked-yet'])

function recordLookUp(event: LookUpEvent, { log, metrics, isNews }: LookUpObserved): void {
  const { registry, repository, outcome, milliseconds, error } = event
  metrics.countLookup(registry, outcome)
  // What is not asked for is free text of a pod: it is counted, and told to the person who applies it.
  const fields = {
    registry,
    repository: repository.repository,
    outcome,
    milliseconds: Math.round(milliseconds),
  }
  if (error === undefined) log.debug(fields, 'tags listed')
  else if (!notAsked.has(outcome) && isNews(event))
    log.warn({ ...fields, reason: error.message }, 'tags not listed')
}

/** Waits by the clock. */
export const timeLimit: TimeLimit = {
  wait<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), milliseconds)
      promise.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  },
}
