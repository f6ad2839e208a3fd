import type { Repository } from '../image/index.ts'

/**
 * The address of the page on which a public registry shows a repository; undefined where there is no such page, or where it cannot
 * be told from the name alone.
 */
export function registryPage({ registry, repository }: Repository): string | undefined {
  // What `parseReference` takes; an address that a message shows as a link is made of nothing else.
  if (!/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository)) return undefined
  return pages.get(registry)?.(repository)
}

const pages: ReadonlyMap<string, (repository: string) => string | undefined> = new Map([
  ['docker.io', dockerHubPage],
  ['quay.io', repository => `https://quay.io/repository/${repository}?tab=tags`],
  // It redirects to the page of the package, whether a user or an organization owns that.
  ['ghcr.io', repository => `https://ghcr.io/${repository}`],
  // Of a longer one the project may be any beginning.
  [
    'registry.gitlab.com',
    repository =>
      repository.split('/').length === 2 ? `https://gitlab.com/${repository}/container_registry` : undefined,
  ],
  ['public.ecr.aws', repository => `https://gallery.ecr.aws/${repository}`],
])

function dockerHubPage(repository: string): string | undefined {
  const [owner, name, more] = repository.split('/')
  if (name === undefined || more !== undefined) return undefined
  return owner === 'library'
    ? `https://hub.docker.com/_/${name}/tags`
    : `https://hub.docker.com/r/${repository}/tags`
}
