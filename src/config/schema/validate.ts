import { Ajv } from 'ajv'
import type { ChannelSettings, MailSecurity } from '../../channels/index.ts'
import { at, itemsOf, member } from '../../json/index.ts'
import type { RegistrySettings } from '../../registry/index.ts'
import type { Config } from '../settings/config.ts'
import { formats } from './formats.ts'
import { channel } from './notification-schema.ts'
import { registry } from './registry-schema.ts'
import { schema } from './schema.ts'
import { problemOf, type Problem } from './schema-problem.ts'

/** A valid document with defaults; paths and references to secrets are not resolved yet. */
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

/** A channel as it is written; the keys of its kind are checked later. */
export interface RawChannel {
  readonly name: string
  readonly kind: ChannelSettings['kind']
  readonly urlFrom?: RawSecret
  readonly secretFrom?: RawSecret
  readonly tokenFrom?: RawSecret
  readonly chat?: string
  readonly apiUrl?: string
  readonly insecure?: boolean
  readonly host?: string
  readonly port?: number
  readonly security?: MailSecurity
  readonly username?: string
  readonly passwordFrom?: RawSecret
  readonly caFile?: string
  readonly from?: string
  readonly to?: readonly string[]
}

export interface RawRegistry extends Omit<
  RegistrySettings,
  'apiToken' | 'ca' | 'credentials' | 'dockerConfig' | 'provider' | 'limits'
> {
  readonly tokenFrom?: RawSecret
  readonly caFile?: string
  readonly username?: string
  readonly passwordFrom?: RawSecret
  readonly dockerConfigFile?: string
  readonly provider?: ProviderKind
  readonly limits?: Omit<NonNullable<RegistrySettings['limits']>, 'requestTimeout'> & {
    readonly timeoutSeconds?: number
  }
}

/** A cloud that gives out credentials. */
export type ProviderKind = NonNullable<RegistrySettings['provider']>['kind']

/** The place of a secret: exactly one of the two. */
export interface RawSecret {
  readonly environment?: string
  readonly file?: string
}

export type { Problem } from './schema-problem.ts'

/** The outcome of validation. */
export type Validated =
  { readonly raw: RawConfig } | { readonly problems: readonly Problem[]; readonly parts: ValidParts }

/** The parts of an invalid document that are valid by themselves; undefined in the place of the others. */
export interface ValidParts {
  readonly registries: readonly (RawRegistry | undefined)[]
  readonly channels: readonly (RawChannel | undefined)[]
}

// Each start compiles the schema for one document, so optimizing the compiled code does not pay; a test checks that the schema
// follows JSON Schema.
const quick = { code: { optimize: false }, meta: false, validateSchema: false } as const

/** Validates a document against the schema; `sourceOf` gives the source text of a value. */
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
  const registries = itemsOf(member(document, 'registries'))
  const channels = itemsOf(at(document, ['notifications', 'channels']))
  return {
    registries: registries.map(item => (isRegistry(item) ? item : undefined)),
    channels: channels.map(item => (isChannel(item) ? item : undefined)),
  }
}

// The document with an empty mapping or list for a key that has nothing behind it (`webhook:`, or a list of which every line is a
// comment): for YAML that is null.
function fillEmpty(value: unknown, shape: unknown): unknown {
  if (value === null && member(shape, 'type') === 'object') return {}
  if (value === null && member(shape, 'type') === 'array') return []
  if (Array.isArray(value)) return value.map(item => fillEmpty(item, member(shape, 'items')))
  if (typeof value !== 'object' || value === null) return value
  const properties = member(shape, 'properties')
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fillEmpty(inner, member(properties, key))]),
  )
}
