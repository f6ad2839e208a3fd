import { isDnsSubdomain } from '../text/index.ts'

// Those of Docker Official Images, with a commit and a path, have a hundred.
const longest = 300

// What an address may be made of: nothing that ends a link, in the markup of any channel.
const shape = /^https:\/\/[a-z0-9.-]+(?::\d*)?(?:\/(?:[\w.~+@/-]|%[0-9a-f]{2})*)?$/i

/**
 * The address of the source of an image, as the annotation `org.opencontainers.image.source` gives it, without its query, its
 * fragment and the `.git` of a clone. Publishers write any text there, and messages show it as a link: undefined where it is no
 * https address of a host with a public name, or has a user in it.
 */
export function sourceUrl(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > longest || !/^[\x21-\x7e]+$/.test(text)) return undefined
  const [place = ''] = text.split(/[?#]/, 1)
  const url = shape.test(place) ? URL.parse(place) : null
  if (url === null || !isPublicName(url.hostname)) return undefined
  const path = url.pathname.replace(/(?:\/|\.git)*$/, '')
  // Such as `...git`: what is left would lead elsewhere.
  return /\/(?:\.|%2e)+$/i.test(path) ? undefined : url.origin + path
}

// An address of IPv4 ends in a number, however it was written.
function isPublicName(hostname: string): boolean {
  return isDnsSubdomain(hostname) && /\.[a-z][a-z0-9-]*$/.test(hostname)
}

/** A link to the project of an image. */
export interface ProjectLink {
  readonly label: 'release notes' | 'source'
  readonly url: string
}

/**
 * The link to the releases of the source of an image, where its forge has a page of them, or else to the source; undefined where
 * the text is no address that {@link sourceUrl} takes.
 */
export function projectLink(text: string | undefined): ProjectLink | undefined {
  const source = sourceUrl(text)
  if (source === undefined) return undefined
  const releases = releasesPage(new URL(source))
  return releases === undefined ? { label: 'source', url: source } : { label: 'release notes', url: releases }
}

function releasesPage({ origin, host, pathname }: URL): string | undefined {
  // Only GitLab has a `-` between a project and its pages.
  const [project = '', ...page] = pathname.split(/\/-(?:\/|$)/)
  if (page.length > 0 || isGitLab.test(host))
    return /^(?:\/[\w.~-]+){2,}$/.test(project) ? `${origin}${project}/-/releases` : undefined
  const hasReleases = host === 'github.com' || isGitea.test(host)
  return hasReleases && /^\/[\w.-]+\/[\w.-]+$/.test(pathname) ? `${origin}${pathname}/releases` : undefined
}

const isGitLab = /^gitlab\./
const isGitea = /^(?:codeberg\.org$|gitea\.|forgejo\.)/
