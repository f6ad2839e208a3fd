/** The policy for one object: its mode, its strategy, and which findings are silenced. */
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
