import { headerOf, tagsOf } from './answer.ts'
import { invalidAnswer } from './fault.ts'
import { nextPage } from './link.ts'
import type { Target } from './redirect.ts'
import type { Registry } from './registry.ts'
import type { Session } from './session.ts'
import type { RegistryLimits } from './settings.ts'

// The most that registries give (ECR, GHCR); others cut it to their own maximum. Distribution v3 pages only if asked.
const pageSize = 1_000

/** The first page of a repository's tags. */
export function firstPage(registry: Registry, repository: string): Target {
  return { registry, url: new URL(`/v2/${repository}/tags/list?n=${pageSize}`, registry.origin) }
}

/**
 * Every tag from the first page to the last, as often as the registry names it. The end is the page without a next one, however short others are.
 * @throws RegistryFault past a limit and where pages go round: a part of the list is never returned.
 */
export async function walkTags(
  session: Session,
  walk: { readonly first: Target; readonly limits: RegistryLimits },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { limits } = walk
  const lists: (readonly string[])[] = []
  let size = 0
  const turns = createLoopGuard()
  let bytes = 0
  let pages = 0
  for (let page: Target | undefined = walk.first; page !== undefined;) {
    turns.check(page.url)
    if (pages++ === limits.pages) throw invalidAnswer(`it has more than ${limits.pages} pages of tags`)
    const { answer, registry } = await session.get(page, signal)
    bytes += answer.body.length
    if (bytes > limits.repositoryBytes)
      throw invalidAnswer(`its tags are more than ${limits.repositoryBytes} bytes`)
    const tags = tagsOf(answer)
    lists.push(tags)
    size += tags.length
    if (size > limits.tags) throw invalidAnswer(`it has more than ${limits.tags} tags`)
    const url = nextPage(headerOf(answer, 'link'), answer.url)
    page = url === undefined ? undefined : { registry, url }
  }
  return lists.flat()
}

// A registry that gives the same page for ever would end at the limit of pages too, but 200 requests later.
function createLoopGuard(): { check(url: URL): void } {
  const seen = new Set<string>()
  return {
    check(url) {
      const last = url.searchParams.get('last')
      const marks = last === null ? [url.href] : [url.href, `last ${last}`]
      if (marks.some(mark => seen.has(mark))) throw invalidAnswer('its pages of tags go round in a circle')
      for (const mark of marks) seen.add(mark)
    },
  }
}
