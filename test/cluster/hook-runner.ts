import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { entry } from '../support/program/entry.ts'
import { execute, type Execution } from '../support/program/execute.ts'
import { serviceAccountConfig } from './audit-rights.ts'
import type { ControlPlane } from './control-plane.ts'
import { must, toolsFor } from './tools.ts'

/** A pod of a hook that has run. */
export interface RanHook extends Execution {
  /** `doctor`, or whatever its first argument is. */
  readonly command: string
}

/** Does what a kubelet would do with the pods of the chart's hooks: there is no node in the test's cluster. */
export interface HookRunner {
  /** In the order in which they ended. */
  readonly ran: readonly RanHook[]
  close(): Promise<void>
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly serviceAccountName: string
    readonly containers: readonly { readonly name: string; readonly args: readonly string[] }[]
  }
  readonly status: { readonly phase: string }
}

/**
 * Starts to run the commands of the hooks' pods, each with the rights of its pod's account. `before` is called before the outcome of
 * a command becomes the status of its pod: whatever Helm does next has not begun then.
 */
export function startHookRunner(
  cluster: ControlPlane,
  before: (ran: RanHook) => Promise<void> = async () => {},
): HookRunner {
  const { kubectl: run } = toolsFor(cluster)
  const ran: RanHook[] = []
  const end = new AbortController()
  const runPod = async ({ metadata, spec }: PodObject): Promise<void> => {
    const { name, namespace } = metadata
    const [container] = spec.containers
    const kubeconfig = join(cluster.directory, `${name}.kubeconfig`)
    writeFileSync(
      kubeconfig,
      await serviceAccountConfig(cluster, { namespace, name: spec.serviceAccountName }),
    )
    const args = container?.args ?? []
    const execution = await execute(process.execPath, [entry, ...args], {
      environment: { KUBECONFIG: kubeconfig },
    })
    const outcome = { ...execution, command: args[0] ?? '' }
    ran.push(outcome)
    await before(outcome)
    const phase = execution.code === 0 ? 'Succeeded' : 'Failed'
    const state = { terminated: { exitCode: execution.code } }
    const containerStatuses = [
      { name: container?.name, image: 'x', imageID: 'x', ready: false, restartCount: 0, state },
    ]
    const patch = JSON.stringify({ status: { phase, containerStatuses } })
    // Without a space, by which arguments are told apart.
    await must(run(`patch pod ${name} -n ${namespace} --subresource=status --type=merge --patch=${patch}`))
  }
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      // oxlint-disable eslint/no-await-in-loop -- one after the other
      const list = await run('get pods -A -l app.kubernetes.io/component=hook -o json')
      const { items }: { readonly items: readonly PodObject[] } = JSON.parse(list.stdout || '{"items":[]}')
      for (const pod of items.filter(({ status }) => status.phase === 'Pending')) await runPod(pod)
      await sleep(betweenLooks)
      // oxlint-enable eslint/no-await-in-loop
    }
  }
  const done = loop()
  return {
    ran,
    async close() {
      end.abort()
      await done
    },
  }
}

const betweenLooks = 300
