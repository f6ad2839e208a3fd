import { mergeShapes, type Shape } from '../json/index.ts'
import { podSpecShape, type WorkloadKind } from '../workload/index.ts'

const statuses: Shape = { items: { members: { name: 'whole', imageID: 'whole' } } }

// Of a kind that has one of them not the rest is read.
const beside: Shape = {
  members: {
    metadata: {
      members: {
        name: 'whole',
        namespace: 'whole',
        uid: 'whole',
        deletionTimestamp: 'whole',
        annotations: 'whole',
        labels: 'whole',
        ownerReferences: 'whole',
      },
    },
    spec: { members: { replicas: 'whole' } },
    status: {
      members: {
        phase: 'whole',
        conditions: 'whole',
        containerStatuses: statuses,
        initContainerStatuses: statuses,
        ephemeralContainerStatuses: statuses,
      },
    },
  },
}

/** What {@link recordOf} reads of an object of that kind: a tenth of a pod. */
export function recordShape(kind: WorkloadKind): Shape {
  return mergeShapes([beside, podSpecShape(kind)])
}
