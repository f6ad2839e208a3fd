export type StateStoreErrorCode =
  | 'damaged' // nothing whole can be read
  | 'too-large' // it does not fit into the config maps
  | 'superseded' // another process stored something meanwhile

const nextSteps: Readonly<Record<StateStoreErrorCode, string>> = {
  damaged: 'delete these config maps to begin anew: what was told is told once more, and ages begin with it',
  'too-large': 'watch fewer namespaces, or run an audit for each part of them',
  superseded: 'nothing to do where there is a new leader; it is loaded again before the next attempt',
}

/** The state could not be read or stored. */
export class StateStoreError extends Error {
  override readonly name = 'StateStoreError'
  readonly code: StateStoreErrorCode

  constructor(code: StateStoreErrorCode, why: string, options: { readonly cause?: unknown } = {}) {
    super(`keep the state: ${why}; ${nextSteps[code]}`, options)
    this.code = code
  }
}
