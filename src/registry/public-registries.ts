import type { RegistrySettings } from './settings.ts'

// What stands beside a host was read from its answers.
const known: readonly RegistrySettings[] = [
  { host: 'docker.io', endpoint: 'https://registry-1.docker.io', tokenHost: 'auth.docker.io' },
  { host: 'ghcr.io' },
  { host: 'quay.io' },
  // Sends for everything but blobs to Artifact Registry in a region near the caller (cmd/archeio of its sources).
  { host: 'registry.k8s.io', redirectSuffix: '-docker.pkg.dev' },
  { host: 'gcr.io' },
  { host: 'registry.gitlab.com', tokenHost: 'gitlab.com' },
  { host: 'public.ecr.aws' },
  { host: 'mcr.microsoft.com' },
  { host: 'cgr.dev' },
  { host: 'registry.access.redhat.com' },
  { host: 'registry.redhat.io' },
  { host: 'docker.elastic.co', tokenHost: 'docker-auth.elastic.co' },
  { host: 'nvcr.io' },
  // A name in front of GitHub's registry, with GitHub's tokens.
  { host: 'lscr.io', endpoint: 'https://ghcr.io' },
]

/**
 * The public registries that are allowed unless the configuration says otherwise. Exact hosts: a pattern would let anybody
 * choose a host. `k8s.gcr.io` is left out: frozen since 2023.
 */
export const publicRegistries: readonly RegistrySettings[] = known.map(registry => ({
  ...registry,
  publicAddressesOnly: true,
}))

/** Where a public registry has its API and its token server, as far as that is built in. */
export function builtInSettings(host: string): RegistrySettings | undefined {
  return known.find(registry => registry.host === host)
}
