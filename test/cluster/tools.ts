import { setTimeout as sleep } from 'node:timers/promises'
import { parse, parseAllDocuments } from 'yaml'
import type { Execution } from '../support/program/execute.ts'
import type { ControlPlane } from './control-plane.ts'
import { helm, kubectl } from './kubectl.ts'

/** kubectl with arguments that are separated by one space each, and its standard input. */
export type Kubectl = (args: string, input?: string) => Promise<Execution>

/** What tests do in a cluster. What they make by `namespace` and `create` is gone when the control plane is closed. */
export interface Tools {
  /** As the administrator. */
  readonly kubectl: Kubectl
  readonly helm: (args: readonly string[]) => Promise<Execution>
  /** An object, or a list of them, as the API server has it; without a namespace, of the default one or of none. */
  readonly get: (what: string, namespace?: string) => Promise<KubernetesObject>
  /** Makes a namespace that pods can be created in, labelled with a mode if one is given. */
  readonly namespace: (name: string, mode?: string) => Promise<void>
  /** Creates the objects of a manifest, which must not be there already. */
  readonly create: (manifest: string) => Promise<void>
  /** A person with a role of the cluster, `edit` if no other is named, in one namespace and no rights elsewhere. */
  readonly user: (name: string, namespace: string, role?: string) => Promise<Kubectl>
  /** A service account of a namespace, made if it is not there, with a role of the cluster in that namespace. */
  readonly serviceAccount: (name: string, namespace: string, role?: string) => Promise<Kubectl>
}

/** The parts of an object that the tests look at. */
export interface KubernetesObject {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>
    readonly name: string
    readonly uid: string
  }
  readonly spec: { readonly template?: { readonly metadata: { readonly annotations?: unknown } } }
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number }
  readonly items: readonly KubernetesObject[]
}

/** The tools of one cluster. */
export function toolsFor(cluster: ControlPlane): Tools {
  const run = callerOf(cluster)
  const bind = async (subject: string, namespace: string, role: string): Promise<void> => {
    const [flag = '', name = ''] = subject.split('=')
    const binding = `${name.replaceAll(':', '-')}-${role}`
    await must(run(`create rolebinding ${binding} -n ${namespace} --clusterrole=${role} --${flag}=${name}`))
  }
  return {
    kubectl: run,
    helm: args => helm(cluster, args),
    async get(what, namespace) {
      const where = namespace === undefined ? '' : ` -n ${namespace}`
      return parse((await must(run(`get ${what}${where} -o json`))).stdout)
    },
    async namespace(name, mode) {
      await must(run(`create namespace ${name}`))
      cluster.removeAtEnd(['namespace', name])
      if (mode !== undefined) await must(run(`label namespace ${name} patchline.dev/mode=${mode}`))
      await until(
        `service account of ${name}`,
        async () => (await run(`get serviceaccount default -n ${name}`)).code === 0,
      )
    },
    async create(manifest) {
      for (const document of parseAllDocuments(manifest)) await createOne(cluster, document.toJS())
    },
    async user(name, namespace, role = 'edit') {
      await bind(`user=${name}`, namespace, role)
      return callerOf(cluster, name)
    },
    async serviceAccount(name, namespace, role = 'edit') {
      const there = await run(`get serviceaccount ${name} -n ${namespace}`)
      if (there.code !== 0) await must(run(`create serviceaccount ${name} -n ${namespace}`))
      await bind(`serviceaccount=${namespace}:${name}`, namespace, role)
      return callerOf(cluster, `system:serviceaccount:${namespace}:${name}`)
    },
  }
}

function callerOf(cluster: ControlPlane, as?: string): Kubectl {
  return (args, input) =>
    kubectl(cluster, args.split(' '), {
      ...(input !== undefined && { input }),
      ...(as !== undefined && { as }),
    })
}

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** One by one: of what could not be created, for it was there before, nothing must be removed. */
async function createOne(cluster: ControlPlane, object: Manifest): Promise<void> {
  const input = JSON.stringify(object)
  await must(kubectl(cluster, ['create', '-f', '-'], { input }))
  cluster.removeAtEnd(argumentsFor(object))
}

/** An object as kubectl is told of it: `Deployment.v1.apps web -n shop`. */
export function argumentsFor({ apiVersion, kind, metadata }: Manifest): readonly string[] {
  const [version, group] = apiVersion.split('/').toReversed()
  const type = group === undefined ? kind : `${kind}.${version}.${group}`
  return [type, metadata.name, ...(metadata.namespace === undefined ? [] : ['-n', metadata.namespace])]
}

/** The outcome of a command that has to succeed. */
export async function must(execution: Promise<Execution>): Promise<Execution> {
  const outcome = await execution
  if (outcome.code !== 0) throw new Error(outcome.stderr)
  return outcome
}

const waitsFor = 30_000 // far more than controllers need on a busy machine
const interval = 100

/** Waits until something is so, and throws naming it where it is not in half a minute, or in the time given. */
export async function until(what: string, holds: () => Promise<boolean>, within = waitsFor): Promise<void> {
  const deadline = Date.now() + within
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${within / 1000} s`)
    await sleep(interval)
  }
}
