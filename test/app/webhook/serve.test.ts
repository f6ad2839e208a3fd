import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { mock } from 'node:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { composeServer, type RunningServer } from '../../../src/app/webhook/serve.ts'
import { readConfig } from '../../../src/config/index.ts'
import { patched } from '../../admission/json-patch.ts'
import { recordedAnswers, recordedReviews, type Expected } from '../../admission/recorded-answers.ts'
import { knownTags } from '../../admission/situations.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'
import { digestOf } from '../../support/registry/memory-replies.ts'

// Everything real but the cluster: TLS, the webhook, the catalog, the registry client, a registry on a socket.

const certificates = await createCertificates({ hosts: ['localhost', '127.0.0.1'], now: Date.now() })
const agent = new Agent({ ca: certificates.ca.certificate, keepAlive: true })
const directory = mkdtempSync(join(tmpdir(), 'patchline-compose-'))
writeFileSync(join(directory, 'tls.crt'), certificates.serving.certificate)
writeFileSync(join(directory, 'tls.key'), certificates.serving.key)

const registry = await startMemoryRegistry({ repositories: tagsByRepository() })
const hosts = ['docker.io', 'ghcr.io', 'registry.k8s.io', 'quay.io']
t.teardown(async () => {
  agent.destroy()
  await registry.close()
  rmSync(directory, { recursive: true, force: true })
})

function tagsByRepository(): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(knownTags)
  return Object.fromEntries(entries.map(([name, tags]) => [name.slice(name.indexOf('/') + 1), tags]))
}

async function start(mode: string): Promise<RunningServer> {
  const registries = hosts.map(host => `{ host: ${host}, endpoint: '${registry.origin}', insecure: true }`)
  const text = `
mode: ${mode}
webhook: { address: 127.0.0.1, port: 0, certificateFile: tls.crt, keyFile: tls.key, drainSeconds: 0 }
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
registries: [${registries.join(', ')}]
kubernetes: { namespaceLabels: off }
log: { level: error }
`
  return composeServer(readConfig(text, { environment: {}, baseDirectory: directory, readFile: () => '' }))
}

interface Answer {
  readonly apiVersion: string
  readonly kind: string
  readonly response: { readonly [field: string]: unknown; readonly patch?: string }
}

function post(port: number, path: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    }
    const outgoing = request(options, incoming => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      incoming.on('end', () =>
        incoming.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text)),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** What `/validate` answers in a mode. */
function validated(uid: unknown, mode: string, { warnings, outdated, unlisted, refusal }: Expected): Answer {
  const refused = mode === 'enforce' && refusal !== undefined
  const auditAnnotations = {
    ...(outdated && { [refused ? 'refused' : 'outdated']: outdated }),
    ...(unlisted && { unlisted }),
  }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: !refused,
      ...(refused && { status: { code: 403, reason: 'Forbidden', message: refusal } }),
      ...(!refused && warnings && { warnings }),
      ...(Object.keys(auditAnnotations).length > 0 && { auditAnnotations }),
    },
  }
}

for (const mode of ['warn', 'enforce'])
  t.test(`every recorded review gets its whole answer over TLS in ${mode}`, async t => {
    const server = await start(mode)
    const before = registry.requests.length
    for (const [file, expected] of Object.entries(recordedAnswers)) {
      const body = readFileSync(new URL(file, recordedReviews), 'utf8')
      const { uid, object } = JSON.parse(body).request
      const answer = await post(server.webhookPort, '/validate?timeout=3s', body)
      t.strictSame(answer, validated(uid, mode, expected), `${file}: /validate`)
      const { status, images } = expected
      const { response } = await post(server.webhookPort, '/mutate?timeout=3s', body)
      const { patch, patchType, ...rest } = response
      t.strictSame(rest, { uid, allowed: true }, `${file}: /mutate`)
      t.equal(patchType, status && 'JSONPatch')
      const written: unknown = { 'patchline.dev/status': status, 'patchline.dev/images': images }
      if (patch !== undefined) t.match(patched(object, patch), { metadata: { annotations: written } })
    }
    await server.close()
    const walks = registry.requests.slice(before).filter(({ path }) => path.includes('/tags/list'))
    t.ok(walks.length <= Object.keys(knownTags).length, 'each repository was walked once')
  })

const indexOf = (...architectures: readonly string[]): string =>
  JSON.stringify({
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: architectures.map((architecture, at) => ({
      digest: `sha256:${String(architectures.length * 2 + at).repeat(64)}`,
      platform: { os: 'linux', architecture },
    })),
  })

t.test('a tag that does not run where the image does is not offered', async t => {
  const manifests = { '1.25.1': indexOf('amd64', 'arm64'), '1.25.5': indexOf('arm64') }
  let isSilent = false
  registry.misbehave(({ method, path }) => {
    const reference = /^\/v2\/library\/nginx\/manifests\/(.*)$/.exec(path)?.[1]
    const found = Object.entries(manifests).find(
      ([tag, text]) => tag === reference || digestOf(text) === reference,
    )
    if (found === undefined) return undefined
    const [, body] = found
    return isSilent && method === 'GET'
      ? { status: 503 }
      : { headers: { 'docker-content-digest': digestOf(body) }, body }
  })
  const body = readFileSync(new URL('deployment-create.json', recordedReviews), 'utf8')
  const answerTo = async (): Promise<Answer['response']> => {
    const server = await start('enforce')
    const { response } = await post(server.webhookPort, '/validate?timeout=3s', body)
    await server.close()
    return response
  }
  t.match(await answerTo(), { allowed: true }, 'nothing newer runs on amd64')
  manifests['1.25.5'] = indexOf('amd64', 'arm64', 's390x')
  t.match(await answerTo(), { allowed: false, status: { message: /Use nginx:1\.25\.5\./ } })
  isSilent = true
  t.match(await answerTo(), { allowed: true, warnings: [/1\.25\.5 .*\(its platforms are not known\)$/] })
  registry.misbehave(undefined)
})

// The budget of a review where the configuration says nothing; it began a moment before it is waited for.
const budget = { most: 800, least: 600 }

/** Counts the timers that end a wait for a look-up: where what is waited for comes first, they are cleared. */
function countEndedWaits(t: Test): () => number {
  let ended = 0
  const original = globalThis.setTimeout
  const { mock: calls } = mock.method(
    globalThis,
    'setTimeout',
    (callback: (...given: unknown[]) => void, milliseconds?: number, ...given: unknown[]) => {
      const isWait = milliseconds !== undefined && milliseconds >= budget.least && milliseconds <= budget.most
      const counted = (): void => {
        if (isWait) ended++
        callback(...given)
      }
      return original(counted, milliseconds)
    },
  )
  t.teardown(() => calls.restore())
  return () => ended
}

t.test('a registry that hangs costs one request its budget once, and the next nothing', async t => {
  const server = await start('warn')
  registry.misbehave(() => ({ pace: 'never' }))
  const body = readFileSync(new URL('deployment-create.json', recordedReviews), 'utf8')
  const ended = countEndedWaits(t)
  await post(server.webhookPort, '/mutate?timeout=3s', body)
  t.equal(ended(), 1, '/mutate waits for the look-up as long as it may')
  const { response } = await post(server.webhookPort, '/validate?timeout=3s', body)
  t.equal(ended(), 1, '/validate, which follows, does not wait again')
  t.strictSame(response['warnings'], ['patchline: web: nginx:1.25.1 not checked yet'])
  t.equal(response['allowed'], true)
  registry.misbehave(undefined)
  await server.close()
})

t.test('the operations port tells readiness and metrics', async t => {
  const server = await start('warn')
  const origin = `http://127.0.0.1:${server.operationsPort}`
  const body = readFileSync(new URL('deployment-create.json', recordedReviews), 'utf8')
  await post(server.webhookPort, '/validate', body)
  t.equal((await fetch(`${origin}/healthz`)).status, 200)
  t.equal((await fetch(`${origin}/readyz`)).status, 200)
  const metrics = await (await fetch(`${origin}/metrics`)).text()
  for (const line of [
    'patchline_admission_requests_total{endpoint="validate",operation="CREATE",decision="warned"} 1',
    'patchline_tag_lookups_total{registry="docker.io",outcome="listed"} 1',
    'patchline_catalog_repositories 1',
    'patchline_images_evaluated_total{verdict="outdated"} 1',
  ])
    t.ok(metrics.includes(line), line)
  t.match(metrics, /patchline_webhook_certificate_expiry_timestamp_seconds \d{10}/)
  await server.close()
  await t.rejects(fetch(`${origin}/healthz`))
})

t.test('what is missing at the start is said', async t => {
  const config = (text: string) =>
    readConfig(text, { environment: {}, baseDirectory: directory, readFile: () => '' })
  await t.rejects(composeServer(config('log: { level: error }')), {
    message: /webhook.certificateFile and webhook.keyFile are not configured/,
  })
  const absent = 'log: { level: error }\nwebhook: { certificateFile: no.crt, keyFile: no.key }'
  await t.rejects(composeServer(config(absent)), {
    message: `${join(directory, 'no.crt')}: no such file (webhook.certificateFile and webhook.keyFile; patchline certs makes a new pair)`,
  })
  const server = await start('warn')
  const taken = `webhook: { address: 127.0.0.1, port: ${server.webhookPort}, certificateFile: tls.crt, keyFile: tls.key }`
  const more =
    'operations: { address: 127.0.0.1, port: 0 }\nkubernetes: { namespaceLabels: off }\nlog: { level: error }'
  await t.rejects(composeServer(config(`${taken}\n${more}`)), {
    message: /^webhook.address 127.0.0.1, webhook.port \d+: .*EADDRINUSE/,
  })
  await server.close()
})
