import { isIP } from 'node:net'
import { CronPattern } from 'croner'
import { parseReference } from '../../image/index.ts'
import { instantOf, isDnsLabel, isDnsSubdomain } from '../../text/index.ts'
import { parsePodPath } from '../../workload/index.ts'

/** A format of the schema: its description in messages, and its check. */
export interface Format {
  readonly says: string
  readonly validate: (text: string) => boolean
}

/** The formats of texts by their names in the schema. */
export const formats: Readonly<Record<string, Format>> = {
  origin: { says: 'an origin like https://registry.example.com:5000', validate: isOrigin },
  'api-url': { says: 'an address like https://gitlab.example.com', validate: isApiUrl },
  'registry-host': {
    says: 'a host like registry.example.com:5000',
    validate: host => referenceHost(host) !== undefined,
  },
  'repository-prefix': {
    says: 'the start of a repository path like team or team/project',
    validate: isPrefix,
  },
  alias: { says: 'a host, or a host with a path, like mirror.local/docker-hub', validate: isAlias },
  proxy: { says: 'the address of a proxy like http://proxy.example.com:3128', validate: isProxy },
  'address-range': { says: 'a range of addresses like 10.20.0.0/16', validate: isRange },
  'api-group': {
    says: 'a group of custom kinds like argoproj.io',
    // RFC 1123 subdomain; custom kinds have a group with a dot (apiextensions/v1 CustomResourceDefinition).
    validate: text => text.length <= 253 && /^[a-z0-9][-a-z0-9]*(?:\.[a-z0-9][-a-z0-9]*)+$/.test(text),
  },
  kind: { says: 'a kind like Rollout', validate: text => /^[A-Z][A-Za-z0-9]{0,62}$/.test(text) },
  resource: { says: 'a plural like rollouts', validate: text => /^[a-z][-a-z0-9]{0,62}$/.test(text) },
  'pod-path': {
    says: 'a path like spec.template or spec.tasks[].template',
    validate: text => parsePodPath(text) !== undefined,
  },
  repository: {
    says: 'an image without a tag like mojaloop/central-ledger',
    validate: text => parsed(text) !== undefined,
  },
  cron: { says: 'a cron expression like 0 6 * * 1-5', validate: isCron },
  'time-zone': { says: 'a time zone like Europe/Berlin', validate: isTimeZone },
  'namespace-pattern': {
    says: 'the name of a namespace, or its start followed by * (team-*); omit the key for all',
    validate: text => isDnsLabel(text) || /^[a-z0-9][-a-z0-9]{0,61}\*$/.test(text),
  },
  'object-name': { says: 'the name of an object of Kubernetes', validate: isDnsSubdomain },
  service: { says: 'the name of a Service', validate: isDnsLabel },
  day: { says: 'a day like 2026-10-28', validate: isDay },
  line: {
    says: 'the numbers of a line like 22 or 1.28',
    validate: text => /^\d{1,9}(?:\.\d{1,9}){0,2}$/.test(text),
  },
  'policy-name': { says: 'a name of lower-case letters, digits and dashes', validate: isDnsLabel },
  namespace: {
    says: 'the name of a namespace',
    validate: isDnsLabel,
  },
}

/** Normalizes a registry's host as in image references; undefined where the text is not a host. */
export function referenceHost(host: string): string | undefined {
  const reference = parsed(`${host}/a/b`)
  return reference?.repository === 'a/b' ? reference.registry : undefined
}

/** Normalizes an alias; gives the text itself where it is not one. */
export function normalAlias(alias: string): string {
  const [host = '', ...path] = alias.split('/')
  return [referenceHost(host) ?? host, ...path].join('/')
}

function isDay(text: string): boolean {
  return text.length === '2026-10-28'.length && instantOf(text) !== undefined
}

function isCron(text: string): boolean {
  try {
    return new CronPattern(text) instanceof CronPattern
  } catch {
    return false
  }
}

function isTimeZone(text: string): boolean {
  if (text === 'UTC') return true // the default: loading the tables of all zones takes 40 ms of each start
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isPrefix(prefix: string): boolean {
  return parsed(`registry.example/a/${prefix}`)?.repository === `a/${prefix}`
}

function isAlias(alias: string): boolean {
  const [host = '', ...path] = alias.split('/')
  return referenceHost(host) !== undefined && (path.length === 0 || isPrefix(path.join('/')))
}

function parsed(text: string): { readonly registry: string; readonly repository: string } | undefined {
  try {
    const reference = parseReference(text)
    return reference.tag === undefined && reference.digest === undefined ? reference : undefined
  } catch {
    return undefined
  }
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text.toLowerCase()
}

function isApiUrl(text: string): boolean {
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null
  return url !== null && `${url.origin}${url.pathname}` === url.href
}

function isProxy(text: string): boolean {
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null
  return url !== null && url.pathname === '/' && url.search === '' && url.hash === ''
}

function isRange(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
