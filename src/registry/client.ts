import { createSingleFlight } from '../async/index.ts'
import type {
  DigestQuery,
  DigestSource,
  ManifestFacts,
  TagDigest,
  TagSource,
  TagSourceError,
} from '../evaluation/index.ts'
import type { Repository } from '../image/index.ts'
import { createAuthorizer } from './auth/authorizer.ts'
import { accountOf } from './auth/identities.ts'
import type { SessionParts } from './auth/session.ts'
import { createTokenCache } from './auth/token-cache.ts'
import { createBroker, type Broker, type RequestEvent } from './broker/broker.ts'
import { createCloudProviders } from './cloud/cloud-provider.ts'
import { createDockerHubLister, type DockerHubListerParts } from './docker-hub/docker-hub.ts'
import { createGitlabLister } from './gitlab/gitlab.ts'
import { withLibraryLists, withLibraryReads } from './listing/library-names.ts'
import type { Lister } from './listing/lister.ts'
import { createOciLister } from './listing/oci-lister.ts'
import { createSliceCache } from './listing/slice.ts'
import { createDigestReader } from './manifest/digest.ts'
import { createManifestReader, type ManifestReader } from './manifests.ts'
import { createOperationRunner, notAllowed, type RunOperation } from './operations.ts'
import { operatorAdvice, type AdviceTexts } from './response/advice.ts'
import { tagSourceError, unavailable } from './response/registry-error.ts'
import { createRegistries, type Registries } from './settings/registries.ts'
import {
  defaultRegistryLimits,
  type RegistryKind,
  type RegistryLimits,
  type RegistrySettings,
} from './settings/settings.ts'
import type { DnsResolver } from '../egress/index.ts'
import type { EgressSettings } from './transport/egress.ts'
import { createTransport, type Transport } from './transport/transport.ts'

/** The options of a registry client; `now` gives epoch milliseconds. */
export interface RegistryClientOptions {
  /** The registries that may be contacted, and no others; of two with one host the later holds. */
  readonly registries: readonly RegistrySettings[]
  readonly userAgent: string
  readonly now: () => number
  readonly limits?: Partial<RegistryLimits>
  /** Called with the number of texts in a registry's tag list that were no legal tags, if there were any. */
  readonly onDropped?: (registry: string, texts: number) => void
  readonly onRequest?: (event: RequestEvent) => void
  /** The words of advice in errors; by default those for the administrator of a server. */
  readonly advice?: AdviceTexts
  readonly egress?: EgressSettings
  /** In place of the system's DNS. */
  readonly resolver?: DnsResolver
}

/** Tags and digests from registries. */
export interface RegistryClient extends TagSource, DigestSource {
  /** The error that a request for this repository would get without being sent: not allowed, or the registry said to wait. */
  refusal(repository: Repository): TagSourceError | undefined
  /** Resolves aliases of a repository. */
  locate(repository: Repository): Repository
  /** The only namespaces for which the configuration's credentials are used there; undefined: all. */
  audienceOf(repository: Repository): readonly string[] | undefined
  /** Every host that may be asked, each once. */
  hosts(): readonly string[]
  budgets: Broker['budgets']
  circuits: Broker['circuits']
  /** Stops what is under way and closes every connection. */
  close(): Promise<void>
}

/**
 * Creates a client of the distribution API.
 * @throws RegistrySettingsError where the settings of a registry contradict themselves, EgressSettingsError where those of the egress do.
 */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const limits = { ...defaultRegistryLimits, ...options.limits }
  const engine = createEngine(options, limits)
  const { registries, broker, transport } = engine
  const closing = new AbortController()
  const { advice = operatorAdvice } = options
  const run = createOperationRunner({
    registries,
    milliseconds: limits.walkTimeout,
    closing: closing.signal,
    advice,
  })

  return {
    listTags: createTagReader({ ...options, ...engine, run, limits }),
    digestOf: createSharedDigests(run, engine.parts),
    manifestOf: createSharedManifests(run, { ...engine, limits }),
    refusal(repository) {
      const registry = registries.find(registries.locate(repository))
      const isForAll = registry?.credentials !== undefined && registry.namespaces === undefined
      const account = isForAll ? accountOf(registry.credentials) : ''
      const asker = { account, repository: registries.locate(repository).repository }
      const error = registry === undefined ? notAllowed(repository) : broker.coolDown(registry, asker)
      return error === undefined ? undefined : tagSourceError(error, repository, advice)
    },
    locate: repository => registries.locate(repository),
    audienceOf: repository => registries.find(registries.locate(repository))?.namespaces,
    hosts: () => registries.hosts(),
    budgets: () => broker.budgets(),
    circuits: () => broker.circuits(),
    async close() {
      closing.abort(unavailable('the client was closed'))
      await transport.close()
    },
  }
}

interface Engine {
  readonly registries: Registries
  readonly transport: Transport
  readonly broker: Broker
  readonly parts: SessionParts
  readonly lister: Lister
  readonly manifests: ManifestReader
}

function createEngine(options: RegistryClientOptions, limits: RegistryLimits): Engine {
  const { now } = options
  const transport = createTransport(limits, options)
  const broker = createBroker(transport.send, { ...options, elapsed: () => performance.now() })
  const providers = createCloudProviders({ send: broker.send, now, maxBytes: limits.tokenResponseBytes })
  const registries = createRegistries(options.registries, providers)
  const tokens = createTokenCache(now)
  const authorize = createAuthorizer({
    send: broker.send,
    tokens,
    tokenResponseBytes: limits.tokenResponseBytes,
  })
  const lister = withLibraryLists(createLister({ tokens, configured: authorize.configured, now }))
  const manifests = createManifestReader({ tokens, configured: authorize.configured })
  const parts = { registries: registries.all, send: broker.send, authorize }
  return { registries, transport, broker, parts, lister, manifests }
}

/** Lists by the registry's own API where its kind has one, which falls back by itself, else as the distribution specification has it. */
function createLister(parts: Omit<DockerHubListerParts, 'fallback'>): Lister {
  const fallback = createOciLister(createSliceCache(parts.now))
  const own: ReadonlyMap<RegistryKind, Lister> = new Map([
    ['docker-hub', createDockerHubLister({ ...parts, fallback })],
    ['gitlab', createGitlabLister({ fallback, now: parts.now })],
  ])
  return (listing, signal) => (own.get(listing.registry.kind) ?? fallback)(listing, signal)
}

interface TagReaderParts extends Pick<Engine, 'parts' | 'lister'>, Pick<RegistryClientOptions, 'onDropped'> {
  readonly run: RunOperation
  readonly limits: RegistryLimits
}

function createTagReader({ run, parts, lister, limits, onDropped }: TagReaderParts): TagSource['listTags'] {
  return (query, signal) =>
    run({ repository: query, what: 'its tags were not listed', signal }, ({ registry, located }, inner) => {
      const dropped = (texts: number): void => onDropped?.(registry.name, texts)
      return lister({ registry, query: { ...query, ...located }, parts, limits, onDropped: dropped }, inner)
    })
}

// Several workloads run one image, so one tag is asked for by many at once.
function createSharedDigests(run: RunOperation, parts: SessionParts): DigestSource['digestOf'] {
  const read = withLibraryReads(createDigestReader())
  const flights = createSingleFlight<TagDigest | undefined>()
  const keyOf = createDigestKeys()
  return (query, signal) =>
    run({ repository: query, what: 'its digest was not given', signal }, ({ registry, located }, inner) => {
      const asking = { registry, query: { ...query, ...located }, parts }
      return flights.run(keyOf(asking.query), flight => read(asking, flight), inner)
    })
}

// The manifest was deleted meanwhile.
const untold: ManifestFacts = { platforms: 'untold', source: undefined }

function createSharedManifests(
  run: RunOperation,
  { parts, manifests, limits }: Engine & { readonly limits: RegistryLimits },
): DigestSource['manifestOf'] {
  const read = withLibraryReads(manifests)
  const flights = createSingleFlight<ManifestFacts | undefined>()
  const keyOf = createDigestKeys()
  return (query, signal) =>
    run({ repository: query, what: 'its manifest was not given', signal }, async (found, inner) => {
      const { registry, located } = found
      const asking = { registry, query: { ...query, ...located }, parts, limits }
      const key = `${keyOf(asking.query)} ${query.digest}`
      return (await flights.run(key, flight => read(asking, flight), inner)) ?? untold
    })
}

// By the identity of the credentials and not by their text: two namespaces never share an answer unless they have the same.
function createDigestKeys(): (query: DigestQuery) => string {
  const numbers = new WeakMap<object, number>()
  let last = 0
  return ({ registry, repository, tag, urgency, credentials = [] }) => {
    const number = credentials.length === 0 ? 0 : (numbers.get(credentials) ?? ++last)
    numbers.set(credentials, number)
    return JSON.stringify([registry, repository, tag, urgency, number])
  }
}
