import { Ajv, type ValidateFunction } from 'ajv'
import type { ChannelSettings, MailSecurity } from '../../channels/index.ts'
import { at, itemsOf, member } from '../../json/index.ts'
import type { RegistrySettings } from '../../registry/index.ts'
import type { SchemeSettings, SupportTableSettings } from '../../version/index.ts'
import type { CustomKind } from '../../workload/index.ts'
import type { Config, ConfiguredHook, ConfiguredRoute } from '../settings/config.ts'
import { formats } from './formats.ts'
import { channel, route } from './notification-schema.ts'
import { registry } from './registry-schema.ts'
import { fileException, filePolicy, scheme, supportTable, workload } from './schema-parts.ts'
import { schema } from './schema.ts'
import { problemOf, type Problem } from './schema-problem.ts'

/** A valid document with defaults; paths and references to secrets are not resolved yet. */
export interface RawConfig extends Omit<
  Config,
  | 'ownNamespace'
  | 'policies'
  | 'exceptions'
  | 'webhook'
  | 'api'
  | 'watch'
  | 'registries'
  | 'egress'
  | 'catalog'
  | 'kubernetes'
  | 'audit'
  | 'notifications'
> {
  readonly ownNamespace?: string
  readonly policies: readonly RawPolicy[]
  readonly exceptions: readonly RawException[]
  readonly webhook: Omit<Config['webhook'], 'certificateFile' | 'keyFile' | 'clientCaFile' | 'pathFile'> & {
    readonly certificateFile?: string
    readonly keyFile?: string
    readonly clientCaFile?: string
    readonly pathFile?: string
  }
  readonly api: Omit<Config['api'], 'port' | 'certificateFile' | 'keyFile' | 'clientCaFile' | 'tokens'> & {
    readonly port?: number
    readonly certificateFile?: string
    readonly keyFile?: string
    readonly clientCaFile?: string
    readonly tokens: readonly RawToken[]
  }
  readonly watch: Omit<Config['watch'], 'hooks'> & { readonly hooks: readonly RawHook[] }
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

/** A policy as it is written; its spec is checked later. */
export interface RawPolicy {
  readonly name: string
  readonly spec: object
}

/** An exception as it is written, likewise. */
export interface RawException extends RawPolicy {
  readonly namespace: string
  readonly created: string
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

/** One of `api.tokens`. */
export interface RawToken {
  readonly name: string
  readonly tokenFrom: RawSecret
  readonly write: boolean
}

/** One of `watch.hooks`. */
export interface RawHook {
  readonly name: string
  readonly kind: ConfiguredHook['kind']
  readonly registry?: string
  readonly secretFrom: RawSecret
}

/** A cloud that gives out credentials. */
export type ProviderKind = NonNullable<RegistrySettings['provider']>['kind']

/** The place of a secret: exactly one of the two. */
export interface RawSecret {
  readonly environment?: string
  readonly file?: string
}

export type { Problem } from './schema-problem.ts'

/** The outcome of validation: the whole document where it is valid, and always its parts. */
export interface Validated {
  readonly raw: RawConfig | undefined
  readonly problems: readonly Problem[]
  readonly parts: ValidParts
}

/** The parts of a document that are valid by themselves, also where the whole is not; undefined in the place of the others. */
export interface ValidParts {
  readonly webhook: RawConfig['webhook'] | undefined
  readonly operations: RawConfig['operations'] | undefined
  readonly api: RawConfig['api'] | undefined
  readonly watch: RawConfig['watch'] | undefined
  readonly catalog: RawConfig['catalog'] | undefined
  readonly registries: readonly (RawRegistry | undefined)[]
  readonly schemes: readonly (SchemeSettings | undefined)[]
  readonly policies: readonly (RawPolicy | undefined)[]
  readonly exceptions: readonly (RawException | undefined)[]
  readonly supportTables: readonly (SupportTableSettings | undefined)[]
  readonly workloads: readonly (CustomKind | undefined)[]
  readonly channels: readonly (RawChannel | undefined)[]
  readonly routes: readonly (ConfiguredRoute | undefined)[]
  /** The names of all channels, also of those that are not valid; undefined where one has none. */
  readonly channelNames: readonly string[] | undefined
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
  if (check(filled)) return { raw: filled, problems: [], parts: partsOf(filled) }
  const problems = (check.errors ?? []).map(error => problemOf(error, sourceOf))
  return { raw: undefined, problems, parts: validParts(ajv, filled) }
}

function partsOf(raw: RawConfig): ValidParts {
  const { channels, routes } = raw.notifications
  return { ...raw, channels, routes, channelNames: channels.map(({ name }) => name) }
}

function validParts(ajv: Ajv, document: unknown): ValidParts {
  const { webhook, operations, api, watch, catalog } = schema.properties
  const partAt = <T>(name: string, isValid: ValidateFunction<T>): T | undefined => {
    const part = member(document, name)
    return isValid(part) ? part : undefined
  }
  const itemsAt = <T>(path: readonly string[], isValid: ValidateFunction<T>): readonly (T | undefined)[] =>
    itemsOf(at(document, path)).map(item => (isValid(item) ? item : undefined))
  const names = itemsOf(at(document, ['notifications', 'channels'])).map(item => member(item, 'name'))
  return {
    webhook: partAt('webhook', ajv.compile<RawConfig['webhook']>(webhook)),
    operations: partAt('operations', ajv.compile<RawConfig['operations']>(operations)),
    api: partAt('api', ajv.compile<RawConfig['api']>(api)),
    watch: partAt('watch', ajv.compile<RawConfig['watch']>(watch)),
    catalog: partAt('catalog', ajv.compile<RawConfig['catalog']>(catalog)),
    registries: itemsAt(['registries'], ajv.compile<RawRegistry>(registry)),
    schemes: itemsAt(['schemes'], ajv.compile<SchemeSettings>(scheme)),
    policies: itemsAt(['policies'], ajv.compile<RawPolicy>(filePolicy)),
    exceptions: itemsAt(['exceptions'], ajv.compile<RawException>(fileException)),
    supportTables: itemsAt(['supportTables'], ajv.compile<SupportTableSettings>(supportTable)),
    workloads: itemsAt(['workloads'], ajv.compile<CustomKind>(workload)),
    channels: itemsAt(['notifications', 'channels'], ajv.compile<RawChannel>(channel)),
    routes: itemsAt(['notifications', 'routes'], ajv.compile<ConfiguredRoute>(route)),
    channelNames: names.every(name => typeof name === 'string') ? names : undefined,
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
