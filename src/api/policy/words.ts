/** What happens to an outdated image, from nothing to refusal. */
export const modes = ['off', 'audit', 'warn', 'enforce'] as const

/** How far a newer tag may be: same `x.y.z`, same `x.y`, same `x`, any; each includes the narrower ones. */
export const strategies = ['rebuild', 'patch', 'minor', 'major'] as const
