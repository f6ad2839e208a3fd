import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import type { Execution } from '../support/execute.ts'
import { startPatchline, type LocalPatchline } from '../support/local-patchline.ts'
import { pushTags, startDistribution } from '../support/registry-process.ts'
import { webhookManifests } from '../support/webhook-manifests.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { helm, kubectl } from './kubectl.ts'

/** A real control plane, a real registry with known tags, and Patchline between them. */
export interface Stage {
  readonly patchline: LocalPatchline
  kubectl(args: string, input?: string): Promise<Execution>
  helm(args: readonly string[]): Promise<Execution>
  /** An object as the API server has it. */
  get(what: string, namespace: string): Promise<KubernetesObject>
  /** In which version of batch the API server has CronJobs. */
  cronJobVersion(): Promise<'v1' | 'v1beta1'>
  /** Makes a namespace that pods can be created in, labelled with a mode if one is given. */
  namespace(name: string, mode?: string): Promise<void>
  /** Ends Patchline alone. */
  stopPatchline(): Promise<void>
  close(): Promise<void>
}

/** The parts of an object that the tests look at. */
export interface KubernetesObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly name: string }
  readonly spec: { readonly template?: { readonly metadata: { readonly annotations?: unknown } } }
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number }
  readonly items: readonly KubernetesObject[]
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
export async function startStage(): Promise<Stage> {
  const ends: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    const registry = await startDistribution({ version: 'v3', maxTags: 3 })
    ends.push(() => registry.close())
    for (const [repository, list] of Object.entries(tags))
      for (const tag of list) await pushTags(registry.origin, repository, [tag])
    const cluster = await startControlPlane()
    ends.push(() => cluster.close())
    const patchline = await startPatchline(`
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
kubernetes: { namespaceLabels: 'on', kubeconfig: ${cluster.kubeconfig} }
`)
    let running = true
    const stopPatchline = async (): Promise<void> => {
      if (running) await patchline.close()
      running = false
    }
    ends.push(stopPatchline)
    const stage = { ...toolsFor(cluster), patchline, stopPatchline, close }
    await install(stage)
    return stage
  } catch (error) {
    await close()
    throw error
  }
}

type Tools = Pick<Stage, 'kubectl' | 'helm' | 'get' | 'namespace' | 'cronJobVersion'>

function toolsFor(cluster: ControlPlane): Tools {
  const run = (args: string, input?: string): Promise<Execution> =>
    kubectl(cluster, args.split(' '), input === undefined ? {} : { input })
  return {
    kubectl: run,
    helm: args => helm(cluster, args),
    async get(what, namespace) {
      const { stdout, stderr } = await run(`get ${what} -n ${namespace} -o json`)
      if (stdout === '') throw new Error(stderr)
      return parse(stdout)
    },
    async cronJobVersion() {
      const { stdout } = await must(run('get --raw /apis/batch/v1'))
      return stdout.includes('"cronjobs"') ? 'v1' : 'v1beta1'
    },
    async namespace(name, mode) {
      await must(run(`create namespace ${name}`))
      if (mode !== undefined) await must(run(`label namespace ${name} patchline.dev/mode=${mode}`))
      await until(
        `service account of ${name}`,
        async () => (await run(`get serviceaccount default -n ${name}`)).code === 0,
      )
    },
  }
}

// The manifests as they are shipped, but for the address (nothing of this cluster could reach a Service), and, where the
// API server is older than 1.21, for the version of CronJobs: it has them as v1beta1, which no rule for v1 matches.
async function install({
  kubectl: run,
  cronJobVersion,
  patchline,
}: Tools & Pick<Stage, 'patchline'>): Promise<void> {
  const shipped = webhookManifests(patchline)
  const batch = /(apiGroups:\n\s+- batch\n\s+apiVersions:\n)(\s+- )v1\n/g
  const older = shipped.replace(batch, '$1$2v1\n$2v1beta1\n')
  if (older === shipped) throw new Error('the manifests have no rule for batch/v1')
  await must(run('apply -f -', (await cronJobVersion()) === 'v1' ? shipped : older))
  // The API server learns of webhooks by a watch of its own.
  await until('first warning', async () => {
    const probe = await run('create deployment probe --image=nginx:1.25.1 --dry-run=server')
    return probe.stderr.includes('4 patches behind')
  })
}

/** The outcome of a command that has to succeed. */
export async function must(execution: Promise<Execution>): Promise<Execution> {
  const outcome = await execution
  if (outcome.code !== 0) throw new Error(outcome.stderr)
  return outcome
}

const waitsFor = 30_000 // far more than controllers need on a busy machine
const interval = 100

/** Waits until something is so, and throws naming it where it is not in half a minute. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + waitsFor
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${waitsFor / 1000} s`)
    await sleep(interval)
  }
}
