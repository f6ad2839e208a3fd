import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { startProgram, untilReady } from '../program/program.ts'
import { toolPath } from '../program/tool-path.ts'

/** A registry process with storage of its own. */
interface Distribution {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** The folder of its storage driver. */
  readonly storage: string
  /** What was asked of it so far, by its access log: `GET /v2/team/app/tags/list?n=1000 200`. */
  requests(): Promise<readonly string[]>
  close(): Promise<void>
}

/** v2 lists all tags whatever a client asks for; v3 pages, but only for a client that sends `n`. */
type DistributionOptions = { readonly authentication?: DistributionAuthentication } & (
  | { readonly version: 'v2' }
  | {
      readonly version: 'v3'
      /** The most tags on one page; a larger `n` is cut to it. 1000 if not given. */
      readonly maxTags?: number
    }
)

type DistributionAuthentication =
  | { readonly kind: 'htpasswd'; readonly username: string; /** By bcrypt. */ readonly hash: string }
  | {
      readonly kind: 'token'
      readonly realm: string
      readonly service: string
      readonly issuer: string
      /** PEM text of the certificates whose keys sign its tokens. */
      readonly certificates: string
    }

const readyWithinMs = 30_000
const requestTimeoutMs = 30_000
const parallelPushes = 16
const imageManifest = 'application/vnd.oci.image.manifest.v1+json'
const imageConfig = 'application/vnd.oci.image.config.v1+json'

/** Starts a CNCF Distribution registry on a free loopback port, without TLS. */
export async function startDistribution(options: DistributionOptions): Promise<Distribution> {
  const directory = await mkdtemp(join(tmpdir(), 'patchline-registry-'))
  const configuration = join(directory, 'config.yml')
  const auth = await authenticationOf(directory, options.authentication)
  const storage = join(directory, 'storage')
  await writeFile(configuration, JSON.stringify({ ...configurationOf(storage, options), ...auth }))
  const program = startProgram({
    name: `registry ${options.version}`,
    path: toolPath(options.version === 'v3' ? 'registry-v3' : 'docker-registry'),
    args: ['serve', configuration],
    log: join(directory, 'registry.log'),
    // v3 would otherwise send traces to localhost:4318.
    environment: { OTEL_TRACES_EXPORTER: 'none' },
  })
  async function close(): Promise<void> {
    await program.stop()
    await rm(directory, { recursive: true, force: true })
  }

  try {
    const address = await untilReady([program], readyWithinMs, () => listeningAddress(program.log))
    const origin = `http://${address}`
    return { origin, storage, requests: () => requestsIn(program.log, origin), close }
  } catch (error) {
    await close()
    throw error
  }
}

function configurationOf(rootdirectory: string, options: DistributionOptions): object {
  const maxTags = options.version === 'v3' ? options.maxTags : undefined
  return {
    version: '0.1',
    log: { level: 'info' }, // the port is read from a line of that level
    storage: { filesystem: { rootdirectory }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
    ...(maxTags !== undefined && { tags: { maxtags: maxTags } }),
  }
}

async function authenticationOf(
  directory: string,
  authentication: DistributionAuthentication | undefined,
): Promise<object> {
  if (authentication === undefined) return {}
  const file = join(directory, 'authentication')
  if (authentication.kind === 'htpasswd') {
    await writeFile(file, `${authentication.username}:${authentication.hash}\n`)
    return { auth: { htpasswd: { realm: 'test', path: file } } }
  }
  const { kind: _, certificates, ...token } = authentication
  await writeFile(file, certificates)
  return { auth: { token: { ...token, rootcertbundle: file } } }
}

// The log is written after an answer has gone out: only what stands before a request of our own is complete.
async function requestsIn(log: string, origin: string): Promise<readonly string[]> {
  const marker = `/marker/${randomUUID()}`
  await fetch(`${origin}${marker}`, { signal: AbortSignal.timeout(requestTimeoutMs) })
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; await sleep(20)) {
    const lines = (await readFile(log, 'utf8')).matchAll(/"([A-Z]+ \/\S*) HTTP\/1\.1" (\d+)/g)
    const requests = [...lines].map(([, request = '', status = '']) => `${request} ${status}`)
    if (requests.some(request => request.includes(marker)))
      return requests.filter(request => !request.includes('/marker/'))
  }
  throw new Error(`${log} does not tell what was asked`)
}

async function listeningAddress(log: string): Promise<string | undefined> {
  return /listening on (127\.0\.0\.1:\d+)/.exec(await readFile(log, 'utf8'))?.[1]
}

/** Pushes one small OCI image under every given tag and returns the digest of its manifest. */
export async function pushTags(origin: string, repository: string, tags: readonly string[]): Promise<string> {
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    // Another content for other tags: tags with one content are no update of each other.
    config: { Labels: { tags: tags.join(' ') } },
    rootfs: { type: 'layers', diff_ids: [] },
  })
  await pushBlob(origin, repository, config)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageManifest,
    config: { mediaType: imageConfig, digest: digestOf(config), size: Buffer.byteLength(config) },
    layers: [],
  })

  const rest = tags.values()
  async function pushRest(): Promise<void> {
    for (const tag of rest) await pushManifest(`${origin}/v2/${repository}/manifests/${tag}`, manifest)
  }
  await Promise.all(Array.from({ length: parallelPushes }, pushRest))
  return digestOf(manifest)
}

/** Puts the manifest of an image at its URL; its blobs must be there. */
export async function pushManifest(url: string, manifest: Content): Promise<void> {
  await put(url, manifest, imageManifest)
}

type Content = string | Uint8Array<ArrayBuffer>

/** Pushes one blob. */
export async function pushBlob(origin: string, repository: string, content: Content): Promise<void> {
  const upload = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, {
    method: 'POST',
    signal: AbortSignal.timeout(requestTimeoutMs),
  })
  const answer = await upload.text()
  const location = upload.headers.get('location')
  if (location === null) throw new Error(`no upload of ${repository}: ${String(upload.status)} ${answer}`)
  const target = new URL(location, origin)
  target.searchParams.set('digest', digestOf(content))
  await put(target.href, content, 'application/octet-stream')
}

async function put(url: string, body: Content, contentType: string): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': contentType },
    body,
    signal: AbortSignal.timeout(requestTimeoutMs),
  })
  const answer = await response.text()
  if (response.status !== 201) throw new Error(`PUT ${url}: ${String(response.status)} ${answer}`)
}

function digestOf(content: Content): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
