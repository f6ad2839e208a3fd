import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:https'
import { styleText } from 'node:util'
import { patched } from '../test/admission/json-patch.ts'
import { healing, scenes, type Manifest, type Scene } from './demo-scenes.ts'

/** Where the webhook is, and the authority (PEM) that signed for it. */
export interface Stage {
  readonly origin: string
  readonly authority: string
}

interface Answer {
  readonly allowed: boolean
  readonly warnings?: readonly string[]
  readonly status?: { readonly message: string; readonly reason: string }
  readonly patch?: string
}

/** Plays every scene as an API server would: `/mutate`, then `/validate` with what came of it. */
export async function playAlone({ origin, authority }: Stage): Promise<void> {
  const agent = new Agent({ ca: authority, keepAlive: true })
  const ask = (path: string, review: object): Promise<Answer> =>
    post(`${origin}${path}?timeout=3s`, review, agent)
  let first: unknown
  for (const scene of [...scenes, healing]) {
    console.log(styleText('bold', `# ${scene.title}`))
    console.log(commandOf(scene))
    const mutated = await ask('/mutate', reviewOf(scene, scene.manifest))
    const object = mutated.patch === undefined ? scene.manifest : patched(scene.manifest, mutated.patch)
    show(scene, await ask('/validate', reviewOf(scene, object)))
    first ??= object
  }
  console.log(styleText('bold', '# What the first one carries now; its pod template is untouched'))
  console.log(`$ kubectl get deployment web -n shop -o jsonpath='{.metadata.annotations}'`)
  console.log(`${JSON.stringify(annotationsOf(first), undefined, 2)}\n`)
  agent.destroy()
}

function commandOf({ controller, namespace, file, manifest }: Scene): string {
  const images = JSON.stringify(manifest).matchAll(/"name":"([^"]+)","image":"([^"]+)"/g)
  const listed = [...images].map(([, name = '', image = '']) => `${name}=${image}`).join('  ')
  const command =
    controller === undefined ? `$ kubectl apply -n ${namespace} -f ${file}` : `(${controller} creates it)`
  return `${command}    ${styleText('dim', `# ${listed}`)}`
}

// As kubectl prints it: warnings in yellow on a terminal, then what came of the request.
function show({ manifest, file, controller }: Scene, { allowed, warnings = [], status }: Answer): void {
  for (const warning of warnings) console.log(`${styleText('yellow', 'Warning:')} ${warning}`)
  const resource = `${manifest.kind.toLowerCase()}${manifest.kind === 'Pod' ? '' : '.apps'}/${manifest.metadata.name}`
  if (allowed) console.log(`${resource} created\n`)
  else {
    const where = controller === undefined ? `error when creating "${file}": ` : ''
    console.log(
      `${styleText('red', 'Error from server')} (${status?.reason}): ${where}admission webhook "validate.patchline.dev" denied the request: ${status?.message}\n`,
    )
  }
}

function reviewOf({ namespace, controller }: Scene, object: unknown): object {
  const { kind, metadata } = parseManifest(object)
  const pod = kind === 'Pod'
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group: pod ? '' : 'apps', version: 'v1', kind },
      resource: { group: pod ? '' : 'apps', version: 'v1', resource: pod ? 'pods' : 'deployments' },
      name: metadata.name,
      namespace,
      operation: 'CREATE',
      userInfo: { username: controller ?? 'jane@example.com', groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
    },
  }
}

function parseManifest(object: unknown): Pick<Manifest, 'kind' | 'metadata'> {
  const manifest: Manifest = JSON.parse(JSON.stringify(object))
  return manifest
}

function annotationsOf(object: unknown): unknown {
  return parseManifest(object).metadata['annotations']
}

function post(url: string, review: object, agent: Agent): Promise<Answer> {
  const body = JSON.stringify(review)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      incoming => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          if (incoming.statusCode === 200) resolve(JSON.parse(text).response)
          else reject(new Error(`${url} answered ${incoming.statusCode}: ${text}`))
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
