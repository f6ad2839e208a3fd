/**
 * Shows Patchline at its main job. Without a cluster: the real webhook with fresh certificates, a registry in memory,
 * and the AdmissionReviews that an API server would send. With `--cluster` and KUBECONFIG set: the same against that
 * cluster, with kubectl, in namespaces of its own that are deleted afterwards.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCertificates } from '../src/certificates/index.ts'
import { composeServer, type RunningServer } from '../src/compose.ts'
import { readConfig } from '../src/config/index.ts'
import { startMemoryRegistry } from '../test/support/memory-registry.ts'
import { playOnCluster } from './demo-cluster.ts'
import { playAlone } from './demo-alone.ts'
import { enforced, repositories } from './demo-scenes.ts'

const { values } = parseArgs({
  options: {
    cluster: { type: 'boolean', default: false },
    // Where the cluster's API server reaches this machine; its own address does for a cluster that runs here.
    advertise: { type: 'string', default: '127.0.0.1' },
  },
})

const started = performance.now()
const directory = mkdtempSync(join(tmpdir(), 'patchline-demo-'))
const registry = await startMemoryRegistry({ repositories })
let server: RunningServer | undefined
try {
  const { ca, serving } = await createCertificates({
    hosts: ['patchline.patchline-system.svc', 'localhost', '127.0.0.1', values.advertise],
    now: Date.now(),
  })
  writeFileSync(join(directory, 'tls.crt'), serving.certificate)
  writeFileSync(join(directory, 'tls.key'), serving.key, { mode: 0o600 })
  server = await composeServer(readDemoConfig(), values.cluster ? {} : { namespaces: { labelsOf } })
  const stage = { origin: `https://${values.advertise}:${server.webhookPort}`, authority: ca.certificate }
  console.log(
    `Patchline serves on ${stage.origin}; nginx, redis and others come from a registry in memory, ${registry.host}.\n`,
  )
  await (values.cluster ? playOnCluster(stage, directory) : playAlone(stage))
  console.log(
    `${registry.requests.length} requests to the registry, ${((performance.now() - started) / 1000).toFixed(1)} s.`,
  )
} finally {
  await server?.close({ drain: false })
  await registry.close()
  rmSync(directory, { recursive: true, force: true })
}

function readDemoConfig(): ReturnType<typeof readConfig> {
  const text = `
webhook: { address: ${values.cluster ? '0.0.0.0' : '127.0.0.1'}, port: 0, certificateFile: tls.crt, keyFile: tls.key }
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
kubernetes: { namespaceLabels: ${values.cluster ? 'on' : 'off'} }
log: { level: error }
`
  return readConfig(text, { environment: {}, baseDirectory: directory, readFile: () => '' })
}

function labelsOf(namespace: string): Readonly<Record<string, string>> {
  return namespace === enforced ? { 'patchline.dev/mode': 'enforce' } : {}
}
