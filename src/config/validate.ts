import { Ajv } from 'ajv'
import type { Config, ConfiguredRegistry, ProviderKind } from './config.ts'
import { formats } from './formats.ts'
import type { ChannelKind, mailSecurities } from './notifications.ts'
import { fillEmpty } from './fill-empty.ts'
import { channel } from './notification-schema.ts'
import { registry, schema } from './schema.ts'
import { fieldOf } from './schema-parts.ts'
import { problemOf, type Problem } from './schema-problem.ts'

/** A document that the schema allows, with every default filled in: paths and secrets still as they are written. */
export interface RawConfig extends Omit<
  Config,
  'ownNamespace' | 'webhook' | 'registries' | 'egress' | 'catalog' | 'kubernetes' | 'audit' | 'notifications'
> {
  readonly ownNamespace?: string
  readonly webhook: Omit<Config['webhook'], 'certificateFile' | 'keyFile' | 'clientCaFile' | 'pathFile'> & {
    readonly certificateFile?: string
    readonly keyFile?: string
    readonly clientCaFile?: string
    readonly pathFile?: string
  }
  readonly registries: readonly RawRegistry[]
  readonly egress: { readonly allowedRanges: readonly string[]; readonly proxyFromEnvironment: boolean }
  readonly catalog: Omit<Config['catalog'], 'directory'> & {
    readonly directory?: string
  }
  readonly kubernetes: Omit<Config['kubernetes'], 'kubeconfig' | 'kubeconfigSearchPath'> & {
    readonly kubeconfig?: string
  }
  readonly audit: Omit<Config['audit'], 'cron'> & { readonly cron?: string }
  readonly notifications: Omit<Config['notifications'], 'channels'> & {
    readonly channels: readonly RawChannel[]
  }
}

/** A channel as it is written; which keys belong to its kind is checked later. */
export interface RawChannel {
  readonly name: string
  readonly kind: ChannelKind
  readonly urlFrom?: RawSecret
  readonly secretFrom?: RawSecret
  readonly tokenFrom?: RawSecret
  readonly chat?: string
  readonly apiUrl?: string
  readonly insecure?: boolean
  readonly host?: string
  readonly port?: number
  readonly security?: (typeof mailSecurities)[number]
  readonly username?: string
  readonly passwordFrom?: RawSecret
  readonly caFile?: string
  readonly from?: string
  readonly to?: readonly string[]
}

export interface RawRegistry extends Omit<
  ConfiguredRegistry,
  'apiToken' | 'ca' | 'credentials' | 'dockerConfig' | 'provider' | 'limits'
> {
  readonly tokenFrom?: RawSecret
  readonly caFile?: string
  readonly username?: string
  readonly passwordFrom?: RawSecret
  readonly dockerConfigFile?: string
  readonly provider?: ProviderKind
  readonly limits?: Omit<NonNullable<ConfiguredRegistry['limits']>, 'requestTimeout'> & {
    readonly timeoutSeconds?: number
  }
}

/** Where a secret stands: exactly one of the two. */
export interface RawSecret {
  readonly environment?: string
  readonly file?: string
}

export type { Problem } from './schema-problem.ts'

/** What the schema makes of a document. */
export type Validated =
  { readonly raw: RawConfig } | { readonly problems: readonly Problem[]; readonly parts: ValidParts }

/** What of a document follows the schema by itself, although the whole does not; undefined in the place of what does not. */
export interface ValidParts {
  readonly registries: readonly (RawRegistry | undefined)[]
  readonly channels: readonly (RawChannel | undefined)[]
}

// Each start compiles the schema for one document: to shorten what is compiled takes longer than to run it, and that the schema
// follows JSON Schema is tested, not looked up again.
const quick = { code: { optimize: false }, meta: false, validateSchema: false } as const

/** The document as a configuration, or what the schema finds wrong; `sourceOf` gives the text of a value as it is written. */
export function validate(
  document: unknown,
  sourceOf: (names: readonly string[]) => string | undefined,
): Validated {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true, ...quick })
  for (const [name, format] of Object.entries(formats))
    ajv.addFormat(name, { type: 'string', validate: format.validate })
  const check = ajv.compile<RawConfig>(schema)
  const filled = fillEmpty(document, schema)
  if (check(filled)) return { raw: filled }
  const problems = (check.errors ?? []).map(error => problemOf(error, sourceOf))
  return { problems, parts: validParts(ajv, filled) }
}

function validParts(ajv: Ajv, document: unknown): ValidParts {
  const isRegistry = ajv.compile<RawRegistry>(registry)
  const isChannel = ajv.compile<RawChannel>(channel)
  const registries = itemsOf(fieldOf(document, 'registries'))
  const channels = itemsOf(fieldOf(fieldOf(document, 'notifications'), 'channels'))
  return {
    registries: registries.map(item => (isRegistry(item) ? item : undefined)),
    channels: channels.map(item => (isChannel(item) ? item : undefined)),
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
