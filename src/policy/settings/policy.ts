import type { Strategy } from '../../version/index.ts'

/** The modes: what happens to an outdated image, from nothing to refusal. */
export const modes = ['off', 'audit', 'warn', 'enforce'] as const
export type Mode = (typeof modes)[number]

/** What happens to an outdated image, and how far a newer tag may be. */
export interface Policy {
  readonly mode: Mode
  readonly strategy: Strategy
}

/** The namespace label that sets the mode of every object in it; as an annotation, it makes the mode of one object stricter. */
export const modeLabel = 'patchline.dev/mode'
/** The annotation that sets the strategy of one object. */
export const strategyAnnotation = 'patchline.dev/strategy'
/** The annotation with the reason for which an object must not be refused now. */
export const breakGlassAnnotation = 'patchline.dev/break-glass'
