import type { TagAnswer, TagQuery } from '../../evaluation/index.ts'
import type { SessionParts } from '../auth/session.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryLimits } from '../settings/settings.ts'

/** A tag query, and everything that listing its tags takes. */
export interface Listing {
  readonly registry: Registry
  /** Its registry and repository are where the tags really are: aliases are resolved. */
  readonly query: TagQuery
  readonly parts: SessionParts
  readonly limits: RegistryLimits
  /** Called with the number of texts in a list that were no legal tags, if there were any. */
  readonly onDropped?: (texts: number) => void
}

/**
 * Lists the tags of a repository, in the way of one kind of registry.
 * @throws RegistryError where they cannot be had; the signal's reason where it is aborted.
 */
export type Lister = (listing: Listing, signal: AbortSignal) => Promise<TagAnswer>
