import type { Repository } from '../image/index.ts'
import type { Strategy, TagReading } from '../version/index.ts'
import type { Access, DigestCatalog, Patience, TagCatalog } from './ports.ts'
import type { Choose } from './remember-choices.ts'

/** Which images are judged, how, and for whom. */
export interface EvaluationRequest {
  /** Image texts as they stand in the object; the answer has one evaluation for each distinct text. */
  readonly images: readonly string[]
  readonly strategy: Strategy
  /** How long the first look-ups of all of them together may take, in milliseconds. */
  readonly budget: number
  /** What those on whose behalf is asked may know; without it, what everybody may know. */
  readonly access?: Access
  /** Whose object is judged, where an admission waits: decides when registries are asked, and nothing else. */
  readonly namespace?: string
  /** For one who would rather wait than be told what was so yesterday: see `WantedTags`. */
  readonly fresh?: number
}

/** With what they are judged. */
export interface EvaluationPorts {
  readonly catalog: TagCatalog
  readonly patience: Patience
  /** For who judges the same tags again and again; `choose` itself where missing. */
  readonly choose?: Choose
  /** How the tags of a repository are read, the same object each time; by the built-in rules where missing. */
  readonly schemes?: (repository: Repository) => TagReading
  /** By which a tag is proven to exist before anybody is told of it; where missing, the list of tags is believed. */
  readonly digests?: DigestCatalog
}
