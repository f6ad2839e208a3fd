/** Mode and strategy: what is wanted for one object. */
export { modeLabel, modes, resolvePolicy, type Mode, type Policy, type ResolvedPolicy } from './policy.ts'
