/** What the mode `enforce` refuses, where the configuration leaves a choice; what is `allowed` is warned of. */
export interface EnforcementChoices {
  /** Whether an update may go to a tag that is newer than what it replaces, or only to the newest. */
  readonly steps: 'newer' | 'newest'
  /** A Pod, or a Job of a CronJob, with images that its namespace runs already. */
  readonly copies: 'allowed' | 'refused'
  /** An image that lacks nothing but a rebuild of its version (`-r50` beside `-r51`). */
  readonly rebuilds: 'allowed' | 'refused'
}

/** What holds where the configuration says nothing: a request is judged by what it makes worse. */
export const usualEnforcement: EnforcementChoices = { steps: 'newer', copies: 'allowed', rebuilds: 'refused' }
