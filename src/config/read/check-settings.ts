import { dirname, resolve } from 'node:path'
import { parseReference } from '../../image/index.ts'
import { member } from '../../json/index.ts'
import {
  createSchemes,
  SchemeError,
  type SchemeSettings,
  type SupportTableSettings,
} from '../../version/index.ts'
import { normalAlias, referenceHost } from '../schema/formats.ts'
import type { Problem, RawConfig, ValidParts } from '../schema/validate.ts'
import type { ConfigSurroundings } from '../settings/config.ts'

/** Problems of schemes that the schema allows: patterns that are not valid, images that have a tag or cannot exist. */
export function checkSchemes(
  schemes: ValidParts['schemes'],
  registries: ValidParts['registries'],
): readonly Problem[] {
  const hosts = new Set(
    registries
      .flatMap(registry => (registry ? [registry.host, ...(registry.aliases ?? [])] : []))
      .map(hostOf),
  )
  return schemes.flatMap((scheme, at) => {
    if (scheme === undefined) return []
    const path = `schemes[${at}]`
    const images = scheme.images.flatMap((text, place) => {
      const message = whyNoImages(text, hosts)
      return message === undefined ? [] : [{ path: `${path}.images[${place}]`, message }]
    })
    return [...images, ...checkScheme(scheme, path)]
  })
}

function checkScheme({ name, images, pattern }: SchemeSettings, path: string): readonly Problem[] {
  const usable = images.filter(isImages)
  const called = name ?? images[0]
  try {
    createSchemes([
      {
        ...(called !== undefined && { name: called }),
        images: usable.length > 0 ? usable : ['any'],
        pattern,
      },
    ])
    return []
  } catch (error) {
    if (!(error instanceof SchemeError)) throw error
    const key = error.code === 'invalid-pattern' ? 'pattern' : 'images'
    return [{ path: `${path}.${key}`, message: error.message }]
  }
}

// `postgres:16` also reads as a host with a port: it is one where the configuration lists that registry.
function whyNoImages(text: string, hosts: ReadonlySet<string>): string | undefined {
  const [repository = '', tag] = text.split(/(?::(?=[^/]*$)|@)/, 2)
  const isPort = /^\d+$/.test(tag ?? '') && !text.includes('/')
  const isHost = isPort && (/[.\]]|^localhost$/.test(repository) || hosts.has(hostOf(text)))
  if (tag !== undefined && !isHost && isImages(repository))
    return `${text} has a tag or a digest, and a scheme is for all tags of an image: write ${repository}`
  return isImages(text) ? undefined : `no image begins with ${JSON.stringify(text)}`
}

const mostPort = 65_535

// Whether images can begin so: `quay.io`, `quay.io/minio` and `postgres` are all followed by a path or a tag.
function isImages(text: string): boolean {
  try {
    const { registry, tag, digest } = parseReference(`${text.replace(/\/$/, '')}/x`)
    const [, port = '0'] = registry.split(/:(?=\d+$)/)
    return tag === undefined && digest === undefined && Number(port) <= mostPort
  } catch {
    return false
  }
}

function hostOf(text: string): string {
  const [host = ''] = normalAlias(text).split('/')
  return referenceHost(host) ?? host
}

/** Problems of tables of support dates that the schema allows: a line that is there twice, dates in the wrong order. */
export function checkSupportTables(tables: ValidParts['supportTables']): readonly Problem[] {
  return tables.flatMap((table, at) => {
    const lines = table?.lines ?? []
    return lines.flatMap((one, place) => {
      const path = `supportTables[${at}].lines[${place}]`
      const isRepeated = lines.slice(0, place).some(({ line }) => line === one.line)
      const repeated = { path: `${path}.line`, message: `${one.line} is there twice` }
      return [...(isRepeated ? [repeated] : []), ...orderProblems(one, path)]
    })
  })
}

// Days as texts are in the order of time.
function orderProblems(
  { released, ltsFrom, end }: SupportTableSettings['lines'][number],
  path: string,
): readonly Problem[] {
  const days = [
    ['released', released],
    ['ltsFrom', ltsFrom],
    ['end', end],
  ] as const
  const given = days.flatMap(([key, day]) => (day === undefined ? [] : [{ key, day }]))
  return given.slice(1).flatMap(({ key, day }, at) => {
    const before = given[at]
    if (before === undefined || before.day <= day) return []
    return [{ path: `${path}.${key}`, message: `${day} is before ${before.key}, ${before.day}` }]
  })
}

/** Problems of custom kinds that the schema allows: a repeated path, two plurals of one kind. */
export function checkWorkloads(workloads: ValidParts['workloads']): readonly Problem[] {
  return workloads.flatMap((one, at) => {
    if (one === undefined) return []
    const earlier = workloads
      .slice(0, at)
      .flatMap(other =>
        other !== undefined && other.group === one.group && other.kind === one.kind ? other : [],
      )
    const path = `workloads[${at}]`
    if (earlier.some(({ podTemplate }) => podTemplate === one.podTemplate))
      return [{ path: `${path}.podTemplate`, message: `${one.podTemplate} of ${one.kind} is there twice` }]
    const [first] = earlier
    if (first === undefined || first.resource === one.resource) return []
    return [{ path: `${path}.resource`, message: `must be the same in every entry of ${one.kind}` }]
  })
}

/** An interval beside a cron expression; it looks at the document without defaults, which have an interval. */
export function checkSchedule(document: unknown): readonly Problem[] {
  const audit = member(document, 'audit')
  const isGiven = (key: string): boolean => (member(audit, key) ?? undefined) !== undefined
  const isBoth = isGiven('cron') && isGiven('intervalMinutes')
  return isBoth ? [{ path: 'audit.cron', message: 'is in place of intervalMinutes: keep one' }] : []
}

/** Settings of the webhook that contradict each other. */
export function checkWebhook(webhook: ValidParts['webhook']): readonly Problem[] {
  if (webhook === undefined) return []
  const { certificates, certificateFile, keyFile, clientCaFile, clientNames, pathFile } = webhook
  const problems: Problem[] = []
  if (certificates.source === 'managed') {
    const given = Object.entries({ certificateFile, keyFile, pathFile }).filter(
      ([, file]) => file !== undefined,
    )
    for (const [key] of given)
      problems.push({
        path: `webhook.${key}`,
        message: 'must be left out: managed certificates need no file',
      })
  } else problems.push(...checkPair('webhook', { certificateFile, keyFile }))
  if (clientNames.length > 0 && clientCaFile === undefined)
    problems.push({ path: 'webhook.clientCaFile', message: 'is missing: clientNames needs it' })
  return problems
}

/** Settings of the API that contradict each other. */
export function checkApi(api: ValidParts['api']): readonly Problem[] {
  if (api === undefined) return []
  const { clientCaFile, clientNames, certificateFile } = api
  const problems = [...checkPair('api', api)]
  if (clientNames.length > 0 && clientCaFile === undefined)
    problems.push({ path: 'api.clientCaFile', message: 'is missing: clientNames needs it' })
  if (clientCaFile !== undefined && certificateFile === undefined)
    problems.push({ path: 'api.certificateFile', message: 'is missing: clientCaFile needs TLS' })
  return problems
}

function checkPair(
  path: string,
  {
    certificateFile,
    keyFile,
  }: { readonly certificateFile?: string | undefined; readonly keyFile?: string | undefined },
): readonly Problem[] {
  if ((certificateFile === undefined) === (keyFile === undefined)) return []
  return [{ path, message: 'must have both of certificateFile and keyFile, or neither' }]
}

/** One port for two servers. An audit has no webhook, nor a certificate for one; port 0 is any that is free. */
export function checkPorts({
  webhook,
  operations,
  api,
}: Pick<ValidParts, 'webhook' | 'operations' | 'api'>): readonly Problem[] {
  const isServed = webhook?.certificateFile !== undefined || webhook?.certificates.source === 'managed'
  const places = [
    isServed ? { ...webhook, name: 'webhook' } : undefined,
    operations && { ...operations, name: 'operations' },
    api && { ...api, name: 'api' },
  ].flatMap(place => (place?.port ? [{ ...place, port: place.port }] : []))
  return places.flatMap(({ name, port, address }, at) => {
    const earlier = places.slice(0, at).find(other => other.port === port && overlap(other.address, address))
    if (earlier === undefined) return []
    const message = `${port} is the port of ${nouns[earlier.name]} too: give each server its own`
    return [{ path: `${name}.port`, message }]
  })
}

const nouns: Readonly<Record<string, string>> = { webhook: 'the webhook', operations: 'operations' }

function overlap(one: string, other: string): boolean {
  return one === other || [one, other].some(address => address === '0.0.0.0' || address === '::')
}

/** A directory for the catalog that is a file, or is below one. */
export function checkDirectory(
  catalog: RawConfig['catalog'] | undefined,
  { baseDirectory, isFile }: ConfigSurroundings,
): readonly Problem[] {
  if (catalog?.directory === undefined || isFile === undefined) return []
  const file = selfAndParents(resolve(baseDirectory, catalog.directory)).find(isFile)
  if (file === undefined) return []
  return [{ path: 'catalog.directory', message: `${file} is a file: name a directory, or remove the file` }]
}

function selfAndParents(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [path, ...selfAndParents(parent)]
}
