/** Image texts and what is known of their repositories, to verdicts. */
export type { Evaluation, PassedTag } from './evaluation.ts'
export { evaluateImages, judgeImages, lookUpAll, type Evaluations } from './evaluate-images.ts'
export {
  askedAgainLater,
  TagSourceError,
  urgencies,
  type Access,
  type AccessSource,
  type DigestCatalog,
  type DigestQuery,
  type DigestSource,
  type KnownDigest,
  type KnownTags,
  type ManifestFacts,
  type ManifestQuery,
  type Patience,
  type Platforms,
  type PullCredentials,
  type Requester,
  type TagAnswer,
  type TagCatalog,
  type TagDigest,
  type TagListing,
  type TagQuery,
  type TagSource,
  type TagSourceCode,
  type Turn,
  type Urgency,
  type WantedDigest,
  type WantedTags,
} from './ports.ts'
export { unknown as unknownEvaluation } from './judged.ts'
export { rememberChoices, type Choose } from './remember-choices.ts'
export type { EvaluationPorts, EvaluationRequest } from './request.ts'
