/** A name and a secret for a registry; they leave the process only as the `Authorization` header of a request to it. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** A provider of temporary cloud credentials. Called before each use: it caches valid ones. */
export interface CredentialProvider {
  /** @throws RegistryError if there are none; the signal's reason where it is aborted. */
  credentials(signal: AbortSignal): Promise<Credentials>
}

/** The cloud that issues the credentials, and everything needed to ask it: the environment is not read later. */
export type ProviderSettings =
  | { readonly kind: 'ecr' }
  | {
      readonly kind: 'gar'
      /** Host (and port, if any) of the metadata server where that is not Google's. */
      readonly metadataHost?: string
      /** The JSON text of a service account's key; without it the metadata server is asked. */
      readonly key?: string
    }
  | {
      readonly kind: 'acr'
      readonly clientId: string
      readonly tenantId: string
      /** Origin of the authority where that is not Azure's public cloud. */
      readonly authorityHost?: string
      /** The projected token of the service account; read anew for each exchange, for the kubelet replaces it. */
      readonly tokenFile: string
    }

/** The software or service of a registry, which decides its API, its pages and its limits. */
export const registryKinds = [
  'oci',
  'docker-hub',
  'gitlab',
  'quay',
  'ghcr',
  'harbor',
  'artifactory',
  'nexus',
] as const
export type RegistryKind = (typeof registryKinds)[number]

/** The limits for requests to a host. */
export interface HostLimits {
  readonly requestsPerSecond: number
  /** The number of requests that may be sent at once after a pause. */
  readonly burst: number
  /** The number of concurrent requests. */
  readonly concurrency: number
  /** The page size to request of `tags/list`. */
  readonly pageSize: number
  /** How long one request may take, in milliseconds; undefined: as {@link RegistryLimits} says. */
  readonly requestTimeout: number | undefined
}

/** A registry that may be contacted, as the configuration names it. */
export interface RegistrySettings {
  /** As in an image reference: `docker.io`, `registry.example.com:5000`. */
  readonly host: string
  /** The name in messages, logs and metrics; by default host and prefix. */
  readonly name?: string
  /** Only repositories whose path starts with this; by default all of the host. */
  readonly prefix?: string
  readonly kind?: RegistryKind
  /** The origin of its API where that is not the host itself: `https://registry-1.docker.io`. */
  readonly endpoint?: string
  /** The address of its own API, in addition to that of the distribution specification: `https://gitlab.example.com`. */
  readonly apiUrl?: string
  /** A token for its own API, and for nothing else. */
  readonly apiToken?: string
  /** The host (and port, if any) of its token server where that is not the endpoint's own. */
  readonly tokenHost?: string
  /** Plain HTTP. It never turns certificate checks off: name the authority in `ca` for that. */
  readonly insecure?: boolean
  /** PEM text of the authorities that sign its certificate; no other authority is then trusted. */
  readonly ca?: string
  /** The origin of a proxy through which it is reached. */
  readonly proxy?: string
  readonly credentials?: Credentials
  readonly provider?: ProviderSettings
  /** The text of a docker configuration file with its credentials. */
  readonly dockerConfig?: string
  readonly limits?: { readonly [name in keyof HostLimits]?: Exclude<HostLimits[name], undefined> }
  /** Aliases of this registry: hosts, or the start of repository paths, such as those of a mirror or a former name. */
  readonly aliases?: readonly string[]
  /** The namespaces whose workloads may use its credentials (`team-a`, `team-*`); by default all. */
  readonly namespaces?: readonly string[]
  /** `public`: refuse to connect if its name resolves to a private or local address. By default `named`. */
  readonly addresses?: 'public' | 'named'
  /** The suffix of other hosts to which it may redirect for tag lists; they get no credentials. */
  readonly redirectSuffix?: string
}

/** The limits of one look-up; times in milliseconds. */
export interface RegistryLimits {
  readonly connectTimeout: number
  readonly headersTimeout: number
  readonly idleTimeout: number
  readonly requestTimeout: number
  readonly walkTimeout: number
  readonly responseBytes: number
  readonly tokenResponseBytes: number
  readonly repositoryBytes: number
  readonly pages: number
  readonly tags: number
  /** The number of pages after which only a slice of the repository is listed. */
  readonly sliceAfterPages: number
}

const KiB = 1024
const MiB = 1024 * KiB

/** The limits in production; tests set others. */
export const defaultRegistryLimits: RegistryLimits = {
  // A TCP and TLS handshake takes three round trips: half a second around the world. Three leave room for one lost packet.
  connectTimeout: 3_000,
  // The big registries begin to answer in well under a second; slower is an outage, and others wait for the slot.
  headersTimeout: 3_000,
  // A registry that drips a byte now and then would otherwise hold its slot for the whole of requestTimeout.
  idleTimeout: 5_000,
  // 8 MiB in 10 s is 7 Mbit/s: any link of a cluster does that, a drip does not.
  requestTimeout: 10_000,
  // 200 pages at 0.3 s each. A repository that needs longer would keep a slot from all others.
  walkTimeout: 60_000,
  // A page of 1000 tags is at most 130 KB, but registries that do not page send all, and Google's add every digest:
  // 8 MiB holds 60,000 tags of the longest kind, and parses in less than a tenth of a second.
  responseBytes: 8 * MiB,
  // Tokens are a few KB; the same bound as go-containerregistry's.
  tokenResponseBytes: 64 * KiB,
  // 200,000 tags of the longest legal kind in JSON; what one walk can make the process hold at a time.
  repositoryBytes: 32 * MiB,
  // 200 pages of 1000 tags are 200,000. Docker Hub and Quay cut pages to 100, and very few repositories there pass 20,000.
  pages: 200,
  // The largest repositories that are known hold about 100,000 tags.
  tags: 200_000,
  // A repository of five pages is read in two seconds; what has more gets more with every build.
  sliceAfterPages: 5,
}

/** A registry's settings contradict themselves; `host` is the one that was given. */
export class RegistrySettingsError extends Error {
  override readonly name = 'RegistrySettingsError'
  readonly code = 'invalid-registry-settings'
  readonly host: string

  constructor(host: string, why: string, cause?: unknown) {
    super(`registries: ${JSON.stringify(host)}: ${why}`, cause === undefined ? {} : { cause })
    this.host = host
  }
}
