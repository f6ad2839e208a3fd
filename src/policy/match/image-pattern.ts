import { impliedTag, referenceOf, type Reference } from '../../image/index.ts'
import { matchesWildcard } from '../../text/index.ts'

/**
 * Which images are meant, by the parts of their references: `*` stands for any text within one part, `**` as the first part for
 * any registry and any parts, as the last one for at least one part that follows.
 */
export interface ImagePattern {
  readonly text: string
  /** Undefined: any. */
  readonly registry: string | undefined
  /** The parts of the repository, each with wildcards. */
  readonly parts: readonly string[]
  /** Any parts may stand before these. */
  readonly isOpenBefore: boolean
  /** Any parts may stand behind these. */
  readonly isOpenBehind: boolean
  /** With wildcards; undefined: any tag. */
  readonly tag: string | undefined
}

/** Why a text is no pattern, for a person. */
export interface PatternProblem {
  readonly problem: string
}

/** A pattern by its text; without a registry it is Docker Hub's, as in a reference. */
export function parseImagePattern(text: string): ImagePattern | PatternProblem {
  if (text.includes('@')) return { problem: 'a pattern has no digest' }
  const colon = text.lastIndexOf(':')
  const hasTag = colon > text.lastIndexOf('/')
  const tag = hasTag ? text.slice(colon + 1) : undefined
  if (tag !== undefined && !/^[A-Za-z0-9_.*-]{1,128}$/.test(tag))
    return { problem: 'behind the colon no tag follows' }
  const [first = '', ...rest] = (hasTag ? text.slice(0, colon) : text).split('/')
  if (first === '**') return patternOf(text, { registry: undefined, parts: rest, tag, isOpenBefore: true })
  if (!isHost(first)) return dockerHubPattern(text, [first, ...rest], tag)
  const registry = normalHost(first)
  if (registry === undefined) return { problem: `${first} is no host of a registry` }
  return patternOf(text, { registry, parts: officialParts(registry, rest), tag, isOpenBefore: false })
}

/** Whether a reference is one of those that the pattern means. */
export function matchesImage(pattern: ImagePattern, reference: Reference): boolean {
  const { registry, tag } = pattern
  if (registry !== undefined && !matchesWildcard(registry, reference.registry)) return false
  if (tag !== undefined && !matchesWildcard(tag, impliedTag(reference) ?? '')) return false
  return matchesParts(pattern, reference.repository.split('/'))
}

function matchesParts({ parts, isOpenBefore, isOpenBehind }: ImagePattern, path: readonly string[]): boolean {
  const spare = path.length - parts.length
  const startsAt = (start: number): boolean =>
    parts.every((part, at) => matchesWildcard(part, path[start + at] ?? ''))
  const mostBehind = isOpenBehind ? spare - 1 : spare
  if (mostBehind < 0) return false
  if (!isOpenBefore) return (isOpenBehind || spare === 0) && startsAt(0)
  if (!isOpenBehind) return startsAt(spare)
  return Array.from({ length: mostBehind + 1 }, (_, start) => start).some(startsAt)
}

function patternOf(
  text: string,
  { registry, parts, tag, isOpenBefore }: Pick<ImagePattern, 'registry' | 'parts' | 'tag' | 'isOpenBefore'>,
): ImagePattern | PatternProblem {
  const isOpenBehind = parts.at(-1) === '**'
  const named = isOpenBehind ? parts.slice(0, -1) : parts
  if (parts.length === 0 && !isOpenBefore) return { problem: 'it names no repository' }
  const strange = named.find(part => !/^[a-z0-9._*-]+$/.test(part) || part.includes('**'))
  if (strange !== undefined) return { problem: whyStrange(strange) }
  return { text, registry, parts: named, isOpenBefore, isOpenBehind, tag }
}

function whyStrange(part: string): string {
  if (part === '') return 'a part of the repository is empty'
  if (part.includes('**')) return '** stands for whole parts: as the first or as the last one'
  return part === part.toLowerCase()
    ? `${part} is no part of a repository`
    : 'the repository must be lower case'
}

function dockerHubPattern(
  text: string,
  parts: readonly string[],
  tag: string | undefined,
): ImagePattern | PatternProblem {
  const registry = 'docker.io'
  return patternOf(text, { registry, parts: officialParts(registry, parts), tag, isOpenBefore: false })
}

// `nginx` is `library/nginx`, as in a reference; `docker.io/**` is all of Docker Hub.
function officialParts(registry: string, parts: readonly string[]): readonly string[] {
  return registry === 'docker.io' && parts.length === 1 && parts[0] !== '**' ? ['library', ...parts] : parts
}

// As in a reference: a first part is a host if it has a dot or a colon, or is localhost.
function isHost(part: string): boolean {
  return /[.:]/.test(part) || part === 'localhost'
}

/** The host as references have it, whose aliases and default ports are no registries of their own. */
function normalHost(host: string): string | undefined {
  if (host.includes('*')) return /^[A-Za-z0-9.*-]+(?::[0-9]+)?$/.test(host) ? host.toLowerCase() : undefined
  return referenceOf(`${host}/a/b`)?.registry
}
