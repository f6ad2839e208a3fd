import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { stringify } from 'yaml'
import { webhookManifests } from '../test/support/kubernetes/webhook-manifests.ts'
import type { Stage } from './demo-alone.ts'
import { enforced, scenes } from './demo-scenes.ts'

const configuration = 'patchline-demo'

interface Outcome {
  readonly code: number
  readonly text: string
}

/** Plays the scenes with kubectl on the cluster that KUBECONFIG names, and leaves it as it was. */
export async function playOnCluster(stage: Stage, directory: string): Promise<void> {
  if (process.env['KUBECONFIG'] === undefined)
    throw new Error('--cluster needs KUBECONFIG to name a kubeconfig file')
  const namespaces = new Map(
    [...new Set(scenes.map(scene => scene.namespace))].map(name => [name, `patchline-demo-${name}`]),
  )
  try {
    await prepare(stage, directory, namespaces)
    for (const { title, namespace, file, manifest } of scenes) {
      console.log(styleText('bold', `# ${title}`))
      writeFileSync(join(directory, file), stringify(manifest))
      await show(directory, ['apply', '-n', namespaces.get(namespace) ?? namespace, '-f', file])
    }
    console.log(styleText('bold', '# What the first one carries now; its pod template is untouched'))
    const path = [
      '-o',
      'jsonpath={.metadata.annotations.patchline\\.dev/status} {.metadata.annotations.patchline\\.dev/images}',
    ]
    await show(directory, ['get', 'deployment', 'web', '-n', namespaces.get('shop') ?? 'shop', ...path])
  } finally {
    await kubectl(directory, [
      'delete',
      'validatingwebhookconfiguration,mutatingwebhookconfiguration',
      configuration,
    ])
    await kubectl(directory, ['delete', 'namespace', '--timeout=60s', ...namespaces.values()])
  }
}

async function prepare(
  stage: Stage,
  directory: string,
  namespaces: ReadonlyMap<string, string>,
): Promise<void> {
  for (const name of namespaces.values()) await need(kubectl(directory, ['create', 'namespace', name]))
  await need(
    kubectl(directory, [
      'label',
      'namespace',
      namespaces.get(enforced) ?? enforced,
      'patchline.dev/mode=enforce',
    ]),
  )
  writeFileSync(join(directory, 'webhooks.yaml'), webhookManifests({ ...stage, name: configuration }))
  await need(kubectl(directory, ['apply', '-f', 'webhooks.yaml']))
  // API servers learn of webhooks by their own watch: a dry run tells when they have.
  const probe = [
    'create',
    'deployment',
    'probe',
    '--image=nginx:1.25.1',
    '--dry-run=server',
    '-n',
    namespaces.get('shop') ?? '',
  ]
  for (let attempt = 0; attempt < 50; attempt++) {
    if ((await kubectl(directory, probe)).text.includes('patchline')) return
    await sleep(200)
  }
  throw new Error(
    `the API server did not call the webhook at ${stage.origin} within 10 s: name an address that it reaches with --advertise`,
  )
}

async function show(directory: string, args: readonly string[]): Promise<void> {
  console.log(`$ kubectl ${args.join(' ')}`)
  console.log(`${(await kubectl(directory, args)).text}\n`)
}

async function need(outcome: Promise<Outcome>): Promise<void> {
  const { code, text } = await outcome
  if (code !== 0) throw new Error(`kubectl: ${text}`)
}

function kubectl(directory: string, args: readonly string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile('kubectl', args, { cwd: directory }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, text: `${stderr}${stdout}`.trim() || (error?.message ?? '') })
    })
  })
}
