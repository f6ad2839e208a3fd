/** Mode, strategy and what is not to be told: what is wanted for one object. */
export {
  modeLabel,
  modes,
  resolvePolicy,
  strategyAnnotation,
  type Mode,
  type Policy,
  type ResolvedPolicy,
} from './policy.ts'
export { silenceOf, type Silence } from './snooze.ts'
