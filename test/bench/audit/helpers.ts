// The processes beside those under test, and what they were asked.
import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ClusterCounts, ClusterMessage } from './cluster.ts'
import { nodeOn, setNiceness, type Place } from './place.ts'
import type { RegistriesMessage, RegistryCounts } from './registries.ts'

/** A script of this folder in a process of its own. */
export interface Helper {
  /** Its answer to one message. */
  ask<T>(message: Serializable): Promise<T>
  stop(): void
}

/** Starts it, in a session of its own; it says nothing by itself, and ends when this process does. */
export function startHelper(script: string, place: Place): Helper {
  const [execPath, ...execArgv] = nodeOn(place)
  const child: ChildProcess = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
    detached: true,
    execPath,
    execArgv,
  })
  setNiceness(child.pid ?? 0, place.niceness)
  return {
    async ask<T>(message: Serializable): Promise<T> {
      const gone = new AbortController()
      const died = once(child, 'exit', { signal: gone.signal }).then(([code]) => {
        throw new Error(`${script} ended with ${String(code)}`)
      })
      died.catch(() => undefined)
      const answered = once(child, 'message')
      child.send(message)
      const [answer]: readonly T[] = await Promise.race([answered, died])
      gone.abort()
      if (answer === undefined) throw new Error(`${script} said nothing`)
      return answer
    },
    stop: () => void child.kill(),
  }
}

/** What the stand-ins were asked. */
export interface Asked {
  readonly cluster: ClusterCounts
  readonly registries: RegistryCounts
}

/** Counts over the stand-ins' counts. */
export interface Tally {
  /**
   * Waits until for two seconds nothing but the lease, the watches and what is written at a pace kept them busy; the moment since
   * when. Events and reports of a cluster as large as this take half an hour and more, whatever the cycles do.
   */
  quiet(): Promise<number>
  /** What they were asked since the last time. */
  take(): Promise<Asked>
}

/** Nothing counted so far. */
export function createTally(cluster: Helper, registries: Helper): Tally {
  let sum: Asked | undefined
  async function look(): Promise<Asked> {
    const [first, second] = await Promise.all([
      cluster.ask<ClusterMessage>('counts'),
      registries.ask<RegistriesMessage>('counts'),
    ])
    if (!('counts' in first) || !('counts' in second)) throw new Error('no counts')
    sum = {
      cluster: added(sum?.cluster ?? {}, first.counts),
      registries: { ...second.counts, ...added({ ...sum?.registries }, { ...second.counts }) },
    }
    return { cluster: first.counts, registries: second.counts }
  }
  return {
    async quiet() {
      let since = performance.now()
      while (performance.now() - since < 2_500) {
        // oxlint-disable eslint/no-await-in-loop -- one look after the other
        await sleep(500)
        if (isBusy(await look())) since = performance.now()
        // oxlint-enable eslint/no-await-in-loop
      }
      return since
    },
    async take() {
      await look()
      const taken = sum
      sum = undefined
      if (taken === undefined) throw new Error('nothing was counted')
      return taken
    },
  }
}

// What goes on between cycles too: Events and reports are written beside them.
const unceasing = new Set([
  'leases',
  'leases written',
  'watches',
  'connections',
  'events',
  'events written',
  'reports',
  'reports written',
])

function isBusy({ cluster, registries }: Asked): boolean {
  const { pages, tokens, digests, indexes, notifications } = registries
  return (
    Object.keys(cluster).some(what => !unceasing.has(what)) ||
    pages + tokens + digests + indexes + notifications > 0
  )
}

function added(one: ClusterCounts, other: ClusterCounts): ClusterCounts {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(names.map(name => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
}
