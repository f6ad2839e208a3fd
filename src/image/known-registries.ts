import { isTag, type Repository } from './reference.ts'

/**
 * The URL of the page on which a public registry shows a repository, or a tag of it if it can; undefined if there is no such
 * page, or if the name alone does not determine it.
 */
export function registryPage({ registry, repository }: Repository, tag?: string): string | undefined {
  // What `parseReference` accepts: a message shows the URL as a link, and nothing else may be in it.
  if (!/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository)) return undefined
  return pages.get(registry)?.(repository, tag !== undefined && isTag(tag) ? tag : undefined)
}

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
  // Of a longer repository any beginning may be the project.
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

/**
 * The host of a private registry of Amazon, with its region as the first group: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, or
 * `ACCOUNT.dkr-ecr.REGION.on.aws`, which has IPv4 and IPv6 addresses.
 */
export const ecrHost =
  /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))$/
