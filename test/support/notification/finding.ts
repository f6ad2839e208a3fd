import type { Changes, Finding } from '../../../src/notification/index.ts'

/** No change since the last message. */
export const noChanges: Changes = {
  appeared: [],
  changed: [],
  resolved: [],
  removed: [],
  failing: [],
  emergencies: [],
}

/** A finding about `nginx:1.25.1` of the Deployment `web`: 1.25.5 is out. */
export function nginxFinding(change: Partial<Finding> = {}): Finding {
  return {
    key: 'x',
    kind: 'outdated',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web', uid: '1' },
    container: 'web',
    field: 'container',
    image: 'nginx:1.25.1',
    newest: '1.25.5',
    newestImage: 'nginx:1.25.5',
    newestOverall: undefined,
    behind: 4,
    distance: '4 versions',
    since: undefined,
    detail: undefined,
    reason: 'newer',
    manager: undefined,
    ...change,
  }
}
