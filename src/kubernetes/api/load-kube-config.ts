import { readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import type * as clientLibrary from './kube-config.ts'
import { at, member } from '../../json/index.ts'
import { KubernetesError } from './kubernetes-error.ts'

const what = 'load the Kubernetes configuration'

/** Where the configuration is: in the kubeconfig file `path`, else KUBECONFIG, then ~/.kube/config, then the pod's own. */
export interface KubeConfigOptions {
  readonly path?: string | undefined
  /** The value of KUBECONFIG: one path, or several that are read as one. */
  readonly searchPath?: string | undefined
  /** The context to use in place of the current one. */
  readonly context?: string | undefined
}

/**
 * Loads the kubeconfig: the address of an API server and the credentials for it. Throws KubernetesError `no-config`, which
 * quotes nothing of a kubeconfig: a token may stand in any place of a broken one. The client library is loaded here and not at import: it costs some
 * 0.3 s and 55 MB (a quarter of it in the image), which commands without a cluster must not pay.
 */
export async function loadKubeConfig(options: KubeConfigOptions = {}): Promise<KubeConfig> {
  const { path, searchPath = '', context } = options
  const library = await import('./kube-config.ts')
  const kubeConfig =
    path === undefined && searchPath === ''
      ? loadDefault(library)
      : merged(path === undefined ? readAll(searchPath, library) : [readOne(path, library)], library)
  if (context !== undefined) useContext(kubeConfig, context)
  assertUsable(kubeConfig, path ?? (searchPath === '' ? 'the default places' : 'KUBECONFIG'))
  return kubeConfig
}

type Library = typeof clientLibrary

function loadDefault(library: Library): KubeConfig {
  const kubeConfig = new library.KubeConfig()
  try {
    kubeConfig.loadFromDefault()
    const folder = join(library.findHomeDir() ?? '', '.kube')
    const text = readIfThere(join(folder, 'config'))
    if (text === undefined) return kubeConfig
    kubeConfig.users = usersWithTokenFiles(kubeConfig, contentOf(text, library), folder)
    return kubeConfig
  } catch (cause) {
    throw noConfig(withoutContent(cause))
  }
}

// As kubectl does it: files that do not exist are skipped.
function readAll(searchPath: string, library: Library): readonly KubeConfig[] {
  const paths = [...new Set(searchPath.split(delimiter))].filter(path => path !== '')
  const found = paths.flatMap(path => {
    const text = readIfThere(path)
    return text === undefined ? [] : [parsed(text, path, library)]
  })
  if (found.length === 0) throw noConfig(`no file that KUBECONFIG names exists: ${searchPath}`)
  return found
}

function readOne(path: string, library: Library): KubeConfig {
  const text = readIfThere(path)
  if (text === undefined) throw noConfig(`${path}: there is no such file`)
  return parsed(text, path, library)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    throw noConfig(`${path}: it cannot be read: ${code ?? 'for an unknown reason'}`)
  }
}

function parsed(text: string, path: string, library: Library): KubeConfig {
  const kubeConfig = new library.KubeConfig()
  try {
    kubeConfig.loadFromString(text)
    kubeConfig.makePathsAbsolute(dirname(path))
    kubeConfig.users = usersWithTokenFiles(kubeConfig, contentOf(text, library), dirname(path))
    return kubeConfig
  } catch (cause) {
    throw noConfig(`${path}: ${withoutContent(cause)}`)
  }
}

// The library has parsed the text by then, and keeps nothing of what it does not know.
function contentOf(text: string, { parseDocument }: Library): unknown {
  try {
    const content: unknown = parseDocument(text, { logLevel: 'silent' }).toJS()
    return content
  } catch {
    // An alias that only this parser does not take: the text was good enough for the library.
    return undefined
  }
}

// The library knows `tokenFile` only as kubectl once wrote it, with a hyphen, and then reads it once. A file goes before a token.
function usersWithTokenFiles({ users }: KubeConfig, file: unknown, folder: string): KubeConfig['users'] {
  const entries = member(file, 'users')
  if (!Array.isArray(entries)) return users
  const tokenFiles = new Map(
    entries.flatMap(entry => {
      const [name, tokenFile] = [member(entry, 'name'), at(entry, ['user', 'tokenFile'])]
      return typeof name === 'string' && typeof tokenFile === 'string' && tokenFile !== ''
        ? [[name, resolve(folder, tokenFile)] as const]
        : []
    }),
  )
  return users.map(user => {
    const tokenFile = tokenFiles.get(user.name)
    if (tokenFile === undefined) return user
    const { token: _, ...others } = user
    return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile } } }
  })
}

// As kubectl does it: the first file to say something wins; of two users of one name the first is taken whole. The library's own
// merging lets the last one win and refuses names that are there twice.
function merged(files: readonly KubeConfig[], library: Library): KubeConfig {
  const [first] = files
  if (files.length === 1 && first !== undefined) return first
  const all = new library.KubeConfig()
  all.loadFromOptions({
    clusters: firstOfName(files.flatMap(({ clusters }) => clusters)),
    users: firstOfName(files.flatMap(({ users }) => users)),
    contexts: firstOfName(files.flatMap(({ contexts }) => contexts)),
    currentContext: files.map(({ currentContext }) => currentContext).find(Boolean),
  })
  return all
}

function firstOfName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  const seen = new Map<string, T>()
  for (const item of items) if (!seen.has(item.name)) seen.set(item.name, item)
  return [...seen.values()]
}

// Without its cause: a log would show that, and it may quote the file.
function noConfig(why: string): KubernetesError {
  return new KubernetesError('no-config', { what, why })
}

function codeOf(error: unknown): string | undefined {
  const code = member(error, 'code')
  return typeof code === 'string' ? code : undefined
}

/**
 * Why a kubeconfig cannot be used, without a word of what stands in it: a parser quotes the lines around a mistake, and one
 * of them is the token; the file system names the path of a token that is read from a file.
 */
function withoutContent(cause: unknown): string {
  const code = codeOf(cause)
  if (code !== undefined) return `it, or a file that it names, cannot be read: ${code}`
  const place = placeOf(cause)
  return place === undefined ? 'it is no kubeconfig' : `it is not YAML (${place})`
}

function placeOf(cause: unknown): string | undefined {
  const [line, column] = [at(cause, ['mark', 'line']), at(cause, ['mark', 'column'])]
  if (typeof line !== 'number' || typeof column !== 'number') return undefined
  return `line ${line + 1}, column ${column + 1}`
}

function useContext(kubeConfig: KubeConfig, context: string): void {
  if (!kubeConfig.getContexts().some(({ name }) => name === context))
    throw new KubernetesError('no-config', {
      what,
      why: `there is no context ${JSON.stringify(context)}`,
      next: 'kubectl config get-contexts lists them',
    })
  kubeConfig.setCurrentContext(context)
}

function assertUsable(kubeConfig: KubeConfig, source: string): void {
  const cluster = kubeConfig.getCurrentCluster()
  if (cluster === null) {
    const next =
      'kubectl config get-contexts lists them, kubectl config use-context NAME makes one the current'
    throw new KubernetesError('no-config', { what, why: `${source}: ${whyNoCluster(kubeConfig)}`, next })
  }
  // The library's last resort where it found nothing: kubectl's old default, which is never what was meant.
  const isFallback = cluster.name === 'cluster' && cluster.server === 'http://localhost:8080'
  if (isFallback) throw noConfig(`nothing found in ${source}`)
  // A token without KUBERNETES_SERVICE_HOST gives https://undefined:undefined.
  if (!/^https?:/.test(cluster.server) || !URL.canParse(cluster.server))
    throw noConfig(`${source}: the server of its cluster is not the URL of a server`)
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify)
    throw noConfig(
      `${source}: the server of its cluster is not https, and insecure-skip-tls-verify is not set`,
    )
}

// Without the names: a token may have been written there.
function whyNoCluster(kubeConfig: KubeConfig): string {
  const current = kubeConfig.getCurrentContext()
  if (!current) return 'it has no current-context'
  return kubeConfig.getContextObject(current) === null
    ? 'its current-context is none of its contexts'
    : 'the cluster of its current-context is none of its clusters'
}
