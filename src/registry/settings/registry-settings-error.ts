/** A registry's settings contradict themselves; `host` is the one that was given. */
export class RegistrySettingsError extends Error {
  override readonly name = 'RegistrySettingsError'
  readonly code = 'invalid-registry-settings'
  readonly host: string

  constructor(host: string, why: string, cause?: unknown) {
    super(`registries: ${JSON.stringify(host)}: ${why}`, cause === undefined ? {} : { cause })
    this.host = host
  }
}
