/** Image texts and what is known of their repositories, to verdicts. */
export {
  evaluateImages,
  judgeImages,
  lookUpAll,
  type Evaluations,
  type JudgedImages,
} from './evaluate-images.ts'
export { unknown as unknownEvaluation, type Evaluation, type PassedTag, type Waiting } from './evaluation.ts'
export { mostImages } from './ports.ts'
export type {
  Access,
  AccessSource,
  DigestCatalog,
  KnownDigest,
  KnownTags,
  TimeLimit,
  PullIdentity,
  TagCatalog,
  WantedDigest,
  WantedTags,
  EvaluationPorts,
  EvaluationRequest,
} from './ports.ts'
export { rememberChoices, type Choose } from './remember-choices.ts'
export {
  askedAgainLater,
  TagSourceError,
  urgencies,
  type DigestQuery,
  type DigestSource,
  type ManifestFacts,
  type ManifestQuery,
  type Platforms,
  type PullCredentials,
  type TagAnswer,
  type TagDigest,
  type TagListing,
  type TagQuery,
  type TagSource,
  type TagSourceCode,
  type Turn,
  type Urgency,
} from './tag-source.ts'
