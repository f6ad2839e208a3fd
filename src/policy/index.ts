/** Mode and strategy: what is wanted for one object. */
export {
  modeLabel,
  modes,
  resolvePolicy,
  strategyAnnotation,
  type Mode,
  type Policy,
  type ResolvedPolicy,
} from './policy.ts'
