import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { runCommand } from '../src/cli/index.ts'
import { composeAudit } from '../src/app/audit/audit.ts'
import { readConfig } from '../src/config/index.ts'
import { answer, startApiServer } from '../test/support/kubernetes/fake-api-server.ts'
import { clusterHandler } from '../test/support/kubernetes/fake-cluster.ts'
import { FakeThings } from '../test/support/kubernetes/fake-things.ts'
import { StoredObjects } from '../test/support/kubernetes/stored-objects.ts'
import { enforced, scenes } from './demo-scenes.ts'

/** What the audit of the demo works with. */
export interface AuditStage {
  /** Of the registry. */
  readonly origin: string
  /** Where files may be written. */
  readonly directory: string
}

/** Shows what the audit says of what the scenes applied: as a table, and as the message that a Slack channel gets. */
export async function playAudit({ origin, directory }: AuditStage): Promise<void> {
  const cluster = await startCluster()
  const slack = await startSlack()
  try {
    const kubeconfig = cluster.kubeconfig(directory)
    const registries = `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${origin}', insecure: true }]
kubernetes: { kubeconfig: ${kubeconfig}, pullSecrets: off }
`
    console.log(styleText('bold', '# What runs already: nothing is installed for it, and nothing is written'))
    console.log('$ patchline audit --once')
    await auditOnce(join(directory, 'audit.yaml'), registries)
    console.log(
      styleText(
        'bold',
        '\n# In the cluster it looks again and again, and tells each finding once: to Slack, for one',
      ),
    )
    console.log(await firstMessage(registries, { slack, directory }))
  } finally {
    slack.close()
    await cluster.close()
  }
}

async function startCluster() {
  const things = new FakeThings()
  const stored = new StoredObjects()
  for (const name of new Set(scenes.map(({ namespace }) => namespace)))
    things.set('/api/v1/namespaces', {
      metadata: { name, labels: name === enforced ? { 'patchline.dev/mode': 'enforce' } : {} },
    })
  for (const { namespace, manifest } of scenes)
    things.set('/apis/apps/v1/deployments', { ...manifest, metadata: { ...manifest.metadata, namespace } })
  return startApiServer((received, response) =>
    received.url.pathname === '/version'
      ? answer(200, { gitVersion: 'v1.37.0' })(received, response)
      : clusterHandler(received, { things, stored })(received, response),
  )
}

async function auditOnce(path: string, config: string): Promise<void> {
  writeFileSync(path, config)
  await runCommand(['audit', '--once', '--config', path], {
    environment: { HOME: '/nonexistent', ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
    columns: process.stdout.columns,
    out: shown => void process.stdout.write(shown),
    err: shown => void process.stdout.write(shown),
    readFile: () => config,
  })
}

interface Slack {
  readonly url: string
  readonly message: Promise<string>
  close(): void
}

// In place of Slack: it takes the first message, and sends nothing anywhere.
async function startSlack(): Promise<Slack> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const server = createServer((request, response) => {
    void text(request).then(resolve)
    response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}/services/demo`, message: promise, close: () => void server.close() }
}

async function firstMessage(
  registries: string,
  { slack, directory }: { readonly slack: Slack; readonly directory: string },
): Promise<string> {
  const config = `${registries}
operations: { address: 127.0.0.1, port: 0 }
audit: { reports: false, events: false }
log: { level: error }
notifications:
  cluster: demo
  channels: [{ name: team, kind: slack, urlFrom: { environment: SLACK_URL }, insecure: true }]
  routes: [{ name: all, channels: [team] }]
`
  const environment = { SLACK_URL: slack.url }
  const audit = await composeAudit(
    readConfig(config, { environment, baseDirectory: directory, readFile: () => '' }),
  )
  try {
    return messageText(JSON.parse(await slack.message))
  } finally {
    await audit.close()
  }
}

function messageText({
  blocks,
}: {
  readonly blocks: readonly { readonly text: { readonly text: string } }[]
}): string {
  const lines = blocks.flatMap(block => block.text.text.split('\n'))
  return lines
    .map(line => `  | ${line}`.trimEnd())
    .join('\n')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
}
