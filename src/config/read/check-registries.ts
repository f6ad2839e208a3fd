import { normalAlias, referenceHost } from '../schema/formats.ts'
import { checkProvider } from './read-registry.ts'
import type { Problem, RawRegistry, ValidParts } from '../schema/validate.ts'

type Registries = ValidParts['registries']

/** Problems of registries that the schema allows: contradictions within one, and between several. */
export function checkRegistries(registries: Registries): readonly Problem[] {
  return [
    ...registries.flatMap((registry, at) => (registry ? checkOne(registry, `registries[${at}]`) : [])),
    ...repeated(registries, keyOf, key => (key.includes('/') ? 'prefix' : 'host')),
    ...repeated(
      registries,
      ({ name }) => name,
      () => 'name',
    ),
    ...checkAliases(registries),
  ]
}

function keyOf({ host, prefix }: RawRegistry): string {
  const normal = referenceHost(host) ?? host
  return prefix === undefined ? normal : `${normal}/${prefix}`
}

function checkOne(registry: RawRegistry, path: string): readonly Problem[] {
  return [
    ...checkCredentials(registry, path),
    ...checkNamespaces(registry, path),
    ...checkApi(registry, path),
    ...checkProvider(registry, path),
  ]
}

function checkCredentials(registry: RawRegistry, path: string): readonly Problem[] {
  const kinds = (['username', 'dockerConfigFile', 'provider'] as const).filter(
    key => registry[key] !== undefined,
  )
  if (kinds.length < 2) return []
  return [{ path, message: `has credentials of ${kinds.length} kinds (${kinds.join(', ')}): keep one` }]
}

// Namespaces without credentials would look like a restriction and restrict nothing.
function checkNamespaces(registry: RawRegistry, path: string): readonly Problem[] {
  const { namespaces, username, dockerConfigFile, provider, tokenFrom } = registry
  const kept = [username, dockerConfigFile, provider, tokenFrom].some(each => each !== undefined)
  if (namespaces === undefined || kept) return []
  return [{ path: `${path}.namespaces`, message: 'restricts credentials, and this registry has none' }]
}

function checkApi(registry: RawRegistry, path: string): readonly Problem[] {
  const { kind, apiUrl, tokenFrom } = registry
  const isGitlab = kind === 'gitlab' || (kind === undefined && publicHost(registry) === 'registry.gitlab.com')
  if (tokenFrom !== undefined && !isGitlab)
    return [{ path: `${path}.tokenFrom`, message: 'is for GitLab: say kind: gitlab, or use username' }]
  const needing = tokenFrom === undefined ? kind : 'tokenFrom'
  if (apiUrl !== undefined || hasKnownApi(registry)) return []
  if (needing !== 'docker-hub' && needing !== 'tokenFrom') return []
  return [{ path: `${path}.apiUrl`, message: `is missing: ${needing} needs it` }]
}

// For the two public ones the address of the API is built in.
function hasKnownApi(registry: RawRegistry): boolean {
  return ['docker.io', 'registry.gitlab.com'].includes(publicHost(registry) ?? '')
}

function publicHost({ host, endpoint }: RawRegistry): string | undefined {
  return endpoint === undefined ? referenceHost(host) : undefined
}

function repeated(
  registries: Registries,
  read: (registry: RawRegistry) => string | undefined,
  keyName: (value: string) => string,
): readonly Problem[] {
  const values = registries.map(registry => registry && read(registry))
  return values.flatMap((value, at) => {
    const first = values.indexOf(value)
    if (value === undefined || first === at) return []
    const path = `registries[${at}].${keyName(value)}`
    return [{ path, message: `${value} is there already, as registries[${first}]` }]
  })
}

function checkAliases(registries: Registries): readonly Problem[] {
  const hosts = new Map(
    registries.flatMap((registry, at) => (registry ? [[keyOf(registry), at] as const] : [])),
  )
  const seen = new Map<string, string>()
  const problems: Problem[] = []
  for (const [at, registry] of registries.entries())
    for (const [place, alias] of (registry?.aliases ?? []).map(normalAlias).entries()) {
      const path = `registries[${at}].aliases[${place}]`
      const other = hosts.get(alias)
      const before = seen.get(alias)
      if (other !== undefined)
        problems.push({ path, message: `${alias} is a registry of its own, as registries[${other}]` })
      else if (before !== undefined)
        problems.push({ path, message: `${alias} is there already, as ${before}` })
      else seen.set(alias, path)
    }
  return problems
}
