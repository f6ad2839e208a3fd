/** Image texts and what is known of their repositories, to verdicts. */
export type { Evaluation } from './evaluation.ts'
export { evaluateImages, type EvaluationPorts, type EvaluationRequest } from './evaluate-images.ts'
export {
  TagSourceError,
  type KnownTags,
  type Patience,
  type TagCatalog,
  type TagSource,
  type TagSourceCode,
} from './ports.ts'
export { rememberChoices, type Choose } from './remember-choices.ts'
