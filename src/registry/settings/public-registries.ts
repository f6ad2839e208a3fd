import type { RegistrySettings } from './settings.ts'

// What stands beside a host was read from its answers.
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
 * The public registries that are allowed unless the configuration says otherwise. Exact hosts: a pattern would let anybody
 * choose a host.
 */
export const publicRegistries: readonly RegistrySettings[] = known.map(registry => ({
  ...registry,
  addresses: 'public',
}))

/** Where a public registry has its API and its token server, as far as that is built in. */
export function builtInSettings(host: string): RegistrySettings | undefined {
  return known.find(registry => registry.host === host)
}
