import { startPatchline, type LocalPatchline } from '../support/program/local-patchline.ts'
import { pushTags, startDistribution } from '../support/registry/registry-process.ts'
import { webhookManifests } from '../support/kubernetes/webhook-manifests.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { toolsFor, until, type Tools } from './tools.ts'

/** A real control plane, a real registry with known tags, and Patchline between them. */
export interface Stage extends Tools {
  readonly cluster: ControlPlane
  readonly patchline: LocalPatchline
  /** The URL of the registry. */
  readonly registry: string
  /** Gives a repository of the registry one more tag. */
  push(repository: string, tag: string): Promise<void>
  /** Ends Patchline alone. */
  stopPatchline(): Promise<void>
  close(): Promise<void>
}

interface StageOptions {
  /** Added to Patchline's configuration, as YAML. */
  readonly configuration?: string
  /** See {@link WebhookAddress.secretPath}. */
  readonly secretPath?: string
  /** Added to the command line of the API server. */
  readonly apiServerArguments?: readonly string[]
}

// What the suite's images have; the registry is asked under the names that people write.
const tags: Readonly<Record<string, readonly string[]>> = {
  'library/nginx': [
    '1.25.1',
    '1.25.2',
    '1.25.3',
    '1.25.4',
    '1.25.5',
    '1.26.0',
    '1.25.5-alpine',
    '1.26.0-rc.1',
    'latest',
  ],
  'library/busybox': ['1.36.0', '1.36.1'],
  'mojaloop/central-ledger': ['v10.4.0', 'v10.4.0.1-patch', 'v10.4.0.2-patch', 'v10.5.0'],
}

/** Starts all of it. */
export async function startStage({
  configuration = '',
  secretPath,
  apiServerArguments,
}: StageOptions = {}): Promise<Stage> {
  const ends: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    const registry = await startDistribution({ version: 'v3', maxTags: 3 })
    ends.push(() => registry.close())
    await pushStageTags(registry.origin)
    const cluster = await startControlPlane(apiServerArguments && { apiServerArguments })
    ends.push(() => cluster.close())
    const settings = `
${stageConfiguration(registry.origin, cluster)}
${configuration}
`
    const patchline = await startPatchline(settings, secretPath === undefined ? {} : { secretPath })
    let running = true
    const stopPatchline = async (): Promise<void> => {
      if (running) await patchline.close()
      running = false
    }
    ends.push(stopPatchline)
    const push = async (repository: string, tag: string): Promise<void> => {
      await pushTags(registry.origin, repository, [tag])
    }
    const { origin } = registry
    const stage = { ...toolsFor(cluster), cluster, patchline, registry: origin, push, stopPatchline, close }
    await install(stage, secretPath)
    return stage
  } catch (error) {
    await close()
    throw error
  }
}

/** Puts the tags of the suite's images into a registry. */
export async function pushStageTags(origin: string): Promise<void> {
  for (const [repository, list] of Object.entries(tags))
    for (const tag of list) await pushTags(origin, repository, [tag])
}

/** What a Patchline has to know of that registry and of the cluster, as YAML. */
export function stageConfiguration(registry: string, { kubeconfig }: ControlPlane): string {
  return `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry}', insecure: true }]
kubernetes: { namespaceLabels: 'on', kubeconfig: ${kubeconfig} }`
}

// The manifests as they are shipped, but for the address: nothing of this cluster could reach a Service.
async function install(
  { create, kubectl, patchline }: Tools & Pick<Stage, 'patchline'>,
  secretPath: string | undefined,
): Promise<void> {
  await create(webhookManifests({ ...patchline, secretPath }))
  // The API server learns of webhooks by a watch of its own.
  await until('first warning', async () => {
    const probe = await kubectl('create deployment probe --image=nginx:1.25.1 --dry-run=server')
    return probe.stderr.includes('4 versions behind')
  })
}
