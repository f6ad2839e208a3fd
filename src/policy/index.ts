/** What holds for an image of an object, and what is done about it: policies, exceptions, labels and annotations. */
export { labelProblems, annotationProblems } from './decision/object-problems.ts'
export {
  bookOf,
  noPolicies,
  offersUnder,
  orderPolicies,
  rulesFor,
  type ImageRules,
  type PolicyBook,
  type PolicySource,
  type SettingSource,
} from './decision/image-rules.ts'
export {
  datedFinding,
  emergencyOf,
  exceptionState,
  outcomeOf,
  type Action,
  type DecisionContext,
  type Emergency,
  type ExceptionState,
  type Finding,
  type Leniency,
  type Outcome,
} from './decision/outcome.ts'
export { explainOutcome, type ExplainedStep } from './decision/explain.ts'
export { policyForImage, withFilePolicies, type FilePolicies } from './decision/file-policies.ts'
export { matchesImage, parseImagePattern, type ImagePattern } from './match/image-pattern.ts'
export { selectsNamespace, unmatched, type Subject, type SubjectImage } from './match/subject.ts'
export type { PatchException } from './object/patch-exception.ts'
export type { PatchPolicy } from './object/patch-policy.ts'
export { parseDuration } from './settings/time.ts'
export { compileOfferRule, type OfferSettings } from './object/offer-rule.ts'
export { isProblems, type ObjectProblem } from './object/parts.ts'
export { readException, readPolicy } from './object/read-object.ts'
export {
  breakGlassAnnotation,
  modeLabel,
  modes,
  strategyAnnotation,
  type Mode,
  type Policy,
} from './settings/policy.ts'
export { silenceOf, type Silence } from './settings/snooze.ts'
