// The files that the two commands under test begin with.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { uncounted } from './cluster.ts'
import { hostName } from './world.ts'

/** What the files name. */
export interface ConfigFacts {
  readonly directory: string
  readonly apiPort: number
  readonly registryPorts: readonly number[]
  /** PEM of what signs the certificates of both. */
  readonly ca: string
  /** How many tags the catalog may hold. */
  readonly tags: number
  /** Minutes between two cycles, and until a repository is asked for again. */
  readonly interval: number
  readonly refreshAfter: number
}

/**
 * What each host is allowed. Nobody asks for 5,000 repositories at the cautious default for hosts that nobody knows (20 requests
 * a second, 4 at a time); so many are in registries of one's own, or behind a mirror, whose owner knows what it bears.
 */
export const hostLimits = { requestsPerSecond: 200, burst: 200, concurrency: 16, pageSize: 1_000 }

/** Writes kubeconfig, authority and configurations; the paths of the latter. */
export function writeConfigs(facts: ConfigFacts): { readonly audit: string; readonly serve: string } {
  const file = (name: string, text: string): string => {
    const path = join(facts.directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const cluster = (token: string) => ({ kubeconfig: file(`kubeconfig-${token}`, kubeconfig(facts, token)) })
  file('ca.pem', facts.ca)
  const common = {
    operations: { address: '127.0.0.1', port: 0 },
    publicRegistries: false,
    egress: { proxyFromEnvironment: false },
    registries: facts.registryPorts.map((port, host) => ({
      host: hostName(host),
      endpoint: `https://localhost:${port}`,
      caFile: 'ca.pem',
      limits: hostLimits,
    })),
  }
  const audit = {
    ...common,
    kubernetes: cluster('audit'),
    catalog: { refreshAfterMinutes: facts.refreshAfter, maximumTags: facts.tags },
    audit: { intervalMinutes: facts.interval, events: true, reports: true, metrics: 'workload' },
    notifications: {
      cluster: 'bench',
      channels: [{ name: 'chat', kind: 'webhook', urlFrom: { environment: 'HOOK' }, caFile: 'ca.pem' }],
      routes: [{ name: 'all', channels: ['chat'] }],
    },
  }
  const serve = {
    ...common,
    kubernetes: cluster(uncounted),
    webhook: { address: '127.0.0.1', port: 0, certificateFile: 'tls.crt', keyFile: 'tls.key' },
  }
  return {
    audit: file('audit.yaml', JSON.stringify(audit)),
    serve: file('serve.yaml', JSON.stringify(serve)),
  }
}

// JSON is YAML.
function kubeconfig({ apiPort, ca }: ConfigFacts, token: string): string {
  const authority = Buffer.from(ca).toString('base64')
  const cluster = { server: `https://localhost:${apiPort}`, 'certificate-authority-data': authority }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster }],
    users: [{ name: 'bench', user: { token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  })
}
