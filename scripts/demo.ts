/**
 * Shows Patchline at its main jobs. Without a cluster: the real webhook with fresh certificates, a registry in memory, and the
 * AdmissionReviews that an API server would send; then the real audit of what they applied. With `--cluster` and KUBECONFIG
 * set: the webhook against that cluster, with kubectl, in namespaces that are deleted afterwards.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCertificates } from '../src/certificates/index.ts'
import { composeServer, type RunningServer } from '../src/app/webhook/serve.ts'
import { readConfig } from '../src/config/index.ts'
import { startMemoryRegistry } from '../test/support/registry/memory-registry.ts'
import { playAudit } from './demo-audit.ts'
import { playOnCluster } from './demo-cluster.ts'
import { playAlone } from './demo-alone.ts'
import { enforced, repositories } from './demo-scenes.ts'

const usage = `Usage: npm run demo -- [options]

  --cluster             play it with kubectl on the cluster that KUBECONFIG names
  --advertise ADDRESS   where that cluster's API server reaches this machine (127.0.0.1)
  --help                show this`

const nextSteps = `Next:
  npx patchline check nginx:1.25.1   an image, from its registry
  npx patchline audit --once         all that runs in the cluster of your kubeconfig; nothing is installed
  npm run demo -- --cluster          the warnings and the refusal with kubectl on your cluster (set KUBECONFIG)
  README.md                          "Put it into a cluster": the webhook and the audit for good`

interface Options {
  readonly cluster: boolean
  readonly advertise: string
}

try {
  const { help, ...options } = optionsOf()
  if (help) console.log(usage)
  else await play(options)
} catch (error) {
  // What was typed, or a cluster that is not there: a stack of calls would not help.
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

function optionsOf(): Options & { readonly help: boolean } {
  try {
    return parseArgs({
      options: {
        cluster: { type: 'boolean', default: false },
        // Where the cluster's API server reaches this machine; its own address does for a cluster that runs here.
        advertise: { type: 'string', default: '127.0.0.1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error })
  }
}

async function play(options: Options): Promise<void> {
  if (options.cluster && process.env['KUBECONFIG'] === undefined)
    throw new Error('--cluster needs KUBECONFIG to name a kubeconfig file')
  const started = performance.now()
  const directory = mkdtempSync(join(tmpdir(), 'patchline-demo-'))
  const registry = await startMemoryRegistry({ repositories })
  let server: RunningServer | undefined
  try {
    const authority = await writePair(directory, options)
    const { origin } = registry
    server = await composeServer(
      readDemoConfig(options, { origin, directory }),
      options.cluster ? {} : { namespaces: { labelsOf } },
    )
    const stage = { origin: `https://${options.advertise}:${server.webhookPort}`, authority }
    console.log(introduction(stage.origin, registry.host, options))
    if (options.cluster) await playOnCluster(stage, directory)
    else {
      await playAlone(stage)
      await playAudit({ origin, directory })
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`\n${registry.requests.length} requests to the registry, ${seconds} s.\n\n${nextSteps}`)
  } finally {
    await server?.close({ drain: false })
    await registry.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function writePair(directory: string, { advertise }: Options): Promise<string> {
  const hosts = ['patchline.patchline-system.svc', 'localhost', '127.0.0.1', advertise]
  const { ca, serving } = await createCertificates({ hosts, now: Date.now() })
  writeFileSync(join(directory, 'tls.crt'), serving.certificate)
  writeFileSync(join(directory, 'tls.key'), serving.key, { mode: 0o600 })
  return ca.certificate
}

function introduction(webhook: string, registry: string, { cluster }: Options): string {
  const serves = `Patchline serves on ${webhook}; nginx, redis and others come from a registry in memory, ${registry}.`
  const alone =
    'There is no cluster, and no kubectl is run: the lines with $ say what a person would type, and what follows is what Patchline really answers.'
  return `${serves}\n${cluster ? '' : `${alone}\n`}`
}

function readDemoConfig(
  { cluster }: Options,
  { origin, directory }: { readonly origin: string; readonly directory: string },
): ReturnType<typeof readConfig> {
  const text = `
webhook: { address: ${cluster ? '0.0.0.0' : '127.0.0.1'}, port: 0, certificateFile: tls.crt, keyFile: tls.key }
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${origin}', insecure: true }]
kubernetes: { namespaceLabels: ${cluster ? 'on' : 'off'}, policies: ${cluster ? 'auto' : 'off'} }
log: { level: error }
`
  const { KUBECONFIG } = process.env
  return readConfig(text, { environment: { KUBECONFIG }, baseDirectory: directory, readFile: () => '' })
}

function labelsOf(namespace: string): Readonly<Record<string, string>> {
  return namespace === enforced ? { 'patchline.dev/mode': 'enforce' } : {}
}
