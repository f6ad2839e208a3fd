import { request as httpRequest } from 'node:http'
import { composeWatch, type RunningWatch } from '../../../src/app/watch/watch.ts'
import { readConfig } from '../../../src/config/index.ts'
import { startMemoryRegistry, type MemoryRegistry } from '../../support/registry/memory-registry.ts'

interface Teardown {
  teardown(end: () => unknown): void
}

interface Settings {
  readonly repositories: Readonly<Record<string, readonly string[]>>
  /** More lines of the configuration. */
  readonly yaml?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly baseDirectory?: string
}

/** A running `patchline watch` over a registry in memory, which stands for Docker Hub too. */
export interface Watched {
  readonly registry: MemoryRegistry
  readonly running: RunningWatch
  readonly origin: string
  readonly get: (path: string, options?: RequestOptions) => Promise<Answer>
}

interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A response; `body` parsed where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

/** Starts both, until the end of the test. */
export async function startWatch(t: Teardown, settings: Settings): Promise<Watched> {
  const registry = await startMemoryRegistry({ repositories: settings.repositories })
  t.teardown(() => registry.close())
  return { registry, ...(await startOver(t, registry, settings)) }
}

/** Starts one over a registry that runs. */
export async function startOver(
  t: Teardown,
  registry: MemoryRegistry,
  { yaml = '', environment = {}, baseDirectory = '/' }: Omit<Settings, 'repositories'>,
): Promise<Omit<Watched, 'registry'>> {
  const host = (name: string): string =>
    `{ host: '${name}', endpoint: '${registry.origin}', insecure: true, limits: { requestsPerSecond: 1000, burst: 1000 } }`
  const text = `
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
registries: [${[registry.host, 'docker.io', 'ghcr.io'].map(host).join(', ')}]
log: { level: error }
${yaml.includes('api:') ? '' : 'api: { address: 127.0.0.1, port: 0 }'}
${yaml}
`
  const running = await composeWatch(readConfig(text, { environment, baseDirectory, readFile: () => '' }))
  t.teardown(() => running.close())
  const origin = `http://127.0.0.1:${running.apiPort}`
  return { running, origin, get: (path, options) => ask(origin, path, options) }
}

/** Sends a request whose path is taken as it is. */
export function ask(origin: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin)
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path, method, headers, agent: false }, incoming => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      incoming.on('end', () => {
        const isJson = /json/.test(incoming.headers['content-type'] ?? '') && text !== ''
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: isJson ? JSON.parse(text) : text,
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
