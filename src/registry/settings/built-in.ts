import type { HostLimits, RegistryKind, RegistrySettings } from './settings.ts'

// What stands beside a host was read from its responses.
const known: readonly RegistrySettings[] = [
  {
    host: 'docker.io',
    kind: 'docker-hub',
    endpoint: 'https://registry-1.docker.io',
    apiUrl: 'https://hub.docker.com',
    tokenHost: 'auth.docker.io',
  },
  { host: 'ghcr.io', kind: 'ghcr' },
  { host: 'quay.io', kind: 'quay' },
  // Sends for everything but blobs to Artifact Registry in a region near the caller (cmd/archeio of its sources).
  // k8s.gcr.io was frozen in 2023; what it holds, and everything since, is here.
  { host: 'registry.k8s.io', redirectSuffix: '-docker.pkg.dev', aliases: ['k8s.gcr.io'] },
  { host: 'gcr.io' },
  { host: 'registry.gitlab.com', kind: 'gitlab', apiUrl: 'https://gitlab.com', tokenHost: 'gitlab.com' },
  { host: 'public.ecr.aws' },
  { host: 'mcr.microsoft.com' },
  { host: 'cgr.dev' },
  { host: 'registry.access.redhat.com' },
  { host: 'registry.redhat.io' },
  { host: 'docker.elastic.co', tokenHost: 'docker-auth.elastic.co' },
  { host: 'nvcr.io' },
  // A name in front of GitHub's registry, with GitHub's tokens.
  { host: 'lscr.io', kind: 'ghcr', endpoint: 'https://ghcr.io' },
]

/**
 * The public registries that are allowed unless the configuration says otherwise. Exact hosts: a pattern would let an image
 * choose a host.
 */
export const publicRegistries: readonly RegistrySettings[] = known.map(registry => ({
  ...registry,
  addresses: 'public',
}))

/** The built-in addresses of a public registry's API and token server. */
export function builtInSettings(host: string): RegistrySettings | undefined {
  return known.find(registry => registry.host === host)
}

const perMinute = (requests: number): number => requests / 60

// For limits that are not published. Four under way keep the pages of four repositories coming; twenty a second is what a small
// registry on one core still answers, and 300 repositories take a quarter of a minute.
const modest: HostLimits = {
  requestsPerSecond: 20,
  burst: 20,
  concurrency: 4,
  // The most that the registries give which have a limit (ECR, GHCR); others cut it to their own.
  pageSize: 1_000,
  requestTimeout: undefined,
}

const byKind: Readonly<Record<RegistryKind, HostLimits>> = {
  oci: modest,
  harbor: modest,
  artifactory: modest,
  nexus: modest,
  // "In the order of thousands of requests per minute" for an address (docs.docker.com, Docker Hub usage): under the
  // first thousand, for others of the same address ask too. Pages are cut to 100.
  'docker-hub': { ...modest, requestsPerSecond: perMinute(900), burst: 30, pageSize: 100 },
  // Its errors have named 2000 a minute. 1920 and a burst of 64 stay below, whenever its minute begins.
  ghcr: { ...modest, requestsPerSecond: perMinute(1_920), burst: 64 },
  // Its sources throttle the tag lists to 5 a second with a burst of 2, and it answers 413 to pages above 100.
  quay: { ...modest, requestsPerSecond: 5, burst: 2, concurrency: 2, pageSize: 100 },
  // gitlab.com lets 500 requests a minute pass that carry no token; an instance of one's own is seldom stronger.
  gitlab: { ...modest, requestsPerSecond: perMinute(480), burst: 20 },
}

/** The limits of a host: what is configured, and for the rest what is known of its kind. */
export function hostLimits(kind: RegistryKind, given: RegistrySettings['limits'] = {}): HostLimits {
  return { ...byKind[kind], ...given }
}
