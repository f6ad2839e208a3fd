import { isDnsLabel, isDnsSubdomain, shellWords } from '../../text/index.ts'
import { shown } from '../response/registry-error.ts'
import {
  readDockerConfig,
  type DockerConfig,
  type DockerConfigEntry,
  type DockerConfigFormat,
} from './docker-config.ts'

/** A secret of Kubernetes, its values decoded. */
export interface SecretObject {
  readonly kind: 'found'
  readonly type: string
  readonly data: Readonly<Record<string, string>>
}

/** The pull secrets that a service account names. */
export interface ServiceAccountObject {
  readonly kind: 'found'
  readonly pullSecrets: readonly string[]
}

/** An object that could not be read; `why` is the reason in messages. */
export interface Unread {
  readonly kind: 'not-found' | 'forbidden' | 'unavailable'
  readonly why: string
}

/** Reads single objects by name. Never rejects: an object that cannot be read is an answer too. */
export interface SecretReader {
  pullSecret(namespace: string, name: string): Promise<SecretObject | Unread>
  serviceAccount(namespace: string, name: string): Promise<ServiceAccountObject | Unread>
}

/** The namespace and name of a secret. */
export interface PullSecretName {
  readonly namespace: string
  readonly name: string
  /** The service account (`namespace:name`) that the command binds which allows it, where the refusal does not say who asked. */
  readonly reader: string | undefined
}

/** The entries of a pull secret, and what is wrong with it. */
export interface PullSecret {
  readonly entries: readonly DockerConfigEntry[]
  readonly problems: readonly string[]
}

/** The content of a pull secret, by the two types that the kubelet accepts. */
export function readPullSecret(answer: SecretObject | Unread, name: PullSecretName): PullSecret {
  const label = `pull secret ${name.namespace}/${shown(name.name)}`
  if (answer.kind !== 'found') return { entries: [], problems: [unreadProblem(label, answer, name)] }
  const format = formats.get(answer.type)
  if (format === undefined) {
    const wrong = `${label} is of type ${shown(answer.type)} and not of ${dockerConfigJson}`
    return { entries: [], problems: [`${wrong}; ${createAnew(name)}`] }
  }
  const text = answer.data[format.key] ?? ''
  if (text === '') return { entries: [], problems: [`${label} has no ${format.key}; ${createAnew(name)}`] }
  const config = readDockerConfig(text, label, format.format)
  const problems = config.problems.map(problem => `${label}: ${problem}; ${createAnew(name)}`)
  return { entries: config.entries, problems: [...problems, ...storeProblems(label, config, name)] }
}

/**
 * The problems of reading a service account. A missing account is no problem, because it names no secrets. Neither is a refusal:
 * by default the manifests grant no right to read service accounts or their secrets.
 */
export function serviceAccountProblems(
  answer: ServiceAccountObject | Unread,
  label: string,
): readonly string[] {
  const what = `service account ${label} could not be read for its pull secrets`
  switch (answer.kind) {
    case 'found':
    case 'not-found':
    case 'forbidden':
      return []
    case 'unavailable':
      return [`${what}: ${answer.why}; it is read again soon`]
  }
}

const dockerConfigJson = 'kubernetes.io/dockerconfigjson'
const formats: ReadonlyMap<string, { readonly key: string; readonly format: DockerConfigFormat }> = new Map([
  [dockerConfigJson, { key: '.dockerconfigjson', format: 'auths' }],
  ['kubernetes.io/dockercfg', { key: '.dockercfg', format: 'plain' }],
])

function unreadProblem(label: string, { kind, why }: Unread, { namespace, reader }: PullSecretName): string {
  switch (kind) {
    case 'not-found':
      return `${label} does not exist; create it, or take it out of imagePullSecrets`
    case 'forbidden':
      return `${label} may not be read; ${allowIt(namespace, readerIn(why, reader))}`
    case 'unavailable':
      return `${label} could not be read: ${why}; it is read again soon`
  }
}

// A file of Docker Desktop, copied into a secret: its passwords are in the keychain of the user.
function storeProblems(label: string, config: DockerConfig, name: PullSecretName): readonly string[] {
  if (config.entries.length > 0 || (config.credsStore === undefined && config.credHelpers.size === 0))
    return []
  return [
    `${label} holds no credentials but names a program that has them (credsStore, credHelpers); ${createAnew(name)}`,
  ]
}

/** The subject that needs the right: a service account (`namespace:name`), or a person. */
type Reader = { readonly account: string } | { readonly person: string }

const accountPrefix = 'system:serviceaccount:'

// The refusal names the user. For a person with a kubeconfig, a right for a service account does not help.
function readerIn(refusal: string, account: string | undefined): Reader {
  const user = /User "([\x20-\x7e]{1,253}?)"/.exec(refusal)?.[1]
  if (user?.startsWith(accountPrefix) === true) return { account: user.slice(accountPrefix.length) }
  if (user !== undefined) return { person: user }
  return account === undefined ? { person: 'USER' } : { account }
}

const binding = 'patchline-pull-secrets'

// The message has a command only if all names are valid in Kubernetes: the name of a pull secret in a pod may be any text.
function allowIt(namespace: string, reader: Reader): string {
  const create = ['kubectl', '-n', namespace, 'create']
  if ('person' in reader) {
    if (!isDnsLabel(namespace)) return cannotSay
    // The ClusterRole of the manifests may not exist: a person can use Patchline without installing anything.
    const role = [...create, 'role', binding, '--verb=get', '--resource=secrets,serviceaccounts']
    const bind = [...create, 'rolebinding', binding, `--role=${binding}`, `--user=${reader.person}`]
    return `an administrator allows it by: ${shellWords(role)} && ${shellWords(bind)}`
  }
  const [home = '', account = '', more] = reader.account.split(':')
  const isNamed = isDnsLabel(namespace) && isDnsLabel(home) && isDnsSubdomain(account) && more === undefined
  if (!isNamed) return cannotSay
  const options = ['--clusterrole=patchline-pull-secret-reader', `--serviceaccount=${reader.account}`]
  return `allow it: ${shellWords([...create, 'rolebinding', binding, ...options])}`
}

const cannotSay = 'allow it with a RoleBinding of its namespace'

function createAnew({ namespace, name }: PullSecretName): string {
  if (!isDnsLabel(namespace) || !isDnsSubdomain(name)) return 'create it again'
  return `create it again: ${shellWords(['kubectl', '-n', namespace, 'create', 'secret', 'docker-registry', name])}`
}
