import type { Repository } from './reference.ts'

/**
 * The address of the page on which a public registry shows a repository, or a tag of it where it can show one; undefined where
 * there is no such page, or where it cannot be told from the name alone.
 */
export function registryPage({ registry, repository }: Repository, tag?: string): string | undefined {
  // What `parseReference` takes; an address that a message shows as a link is made of nothing else.
  if (!/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository)) return undefined
  return pages.get(registry)?.(repository, tag !== undefined && isTag.test(tag) ? tag : undefined)
}

const isTag = /^\w[\w.-]{0,127}$/

type Page = (repository: string, tag: string | undefined) => string | undefined

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['docker.io', dockerHubPage],
  [
    'quay.io',
    (repository, tag) =>
      `https://quay.io/repository/${repository}?tab=tags${tag === undefined ? '' : `&tag=${tag}`}`,
  ],
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

function dockerHubPage(repository: string, tag: string | undefined): string | undefined {
  const [owner, name, more] = repository.split('/')
  if (name === undefined || more !== undefined) return undefined
  const place = owner === 'library' ? `_/${name}` : `r/${repository}`
  return `https://hub.docker.com/${place}/tags${tag === undefined ? '' : `?name=${tag}`}`
}
