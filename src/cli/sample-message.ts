import type { Message, Finding } from '../notification/index.ts'

const day = 86_400_000

const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'sample', uid: '' }

/** A sample message, which says that it is a test; at an instant in epoch milliseconds. */
export function sampleMessage(cluster: string | undefined, at: number): Message {
  const finding: Finding = {
    key: JSON.stringify(['default', 'Deployment', 'sample', 'container', 'web']),
    kind: 'outdated',
    workload,
    container: 'web',
    field: 'container',
    image: 'nginx:1.25.1',
    newest: '1.25.5',
    newestImage: 'nginx:1.25.5',
    newestOverall: undefined,
    behind: 4,
    distance: '4 versions',
    since: at - 3 * day,
    detail: undefined,
    reason: 'newer',
    manager: undefined,
  }
  return {
    cluster,
    at,
    occasion: 'test',
    totals: { workloads: 1, containers: 1, outdated: 1, failing: 0, snoozed: 0, skipped: 0, old: 0 },
    appeared: [finding],
    changed: [],
    resolved: [],
    removed: [],
    goneNamespaces: [],
    remaining: [],
    failing: [],
  }
}
