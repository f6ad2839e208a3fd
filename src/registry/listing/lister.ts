import type { TagAnswer, TagQuery } from '../../evaluation/index.ts'
import type { SessionParts } from '../auth/session.ts'
import type { Registry } from '../settings/registry.ts'
import type { RegistryLimits } from '../settings/settings.ts'

/** One query with all that answering it takes. */
export interface Listing {
  readonly registry: Registry
  /** Its registry and repository are where the tags really are: aliases are resolved. */
  readonly query: TagQuery
  readonly parts: SessionParts
  readonly limits: RegistryLimits
  /** Told how many texts in a list were no legal tags, where there were any. */
  readonly onDropped?: (texts: number) => void
}

/**
 * How the tags of one kind of registry are listed.
 * @throws RegistryError where they cannot be had; the signal's reason where it is aborted.
 */
export type Lister = (listing: Listing, signal: AbortSignal) => Promise<TagAnswer>
