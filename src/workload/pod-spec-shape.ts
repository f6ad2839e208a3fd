import { mergeShapes, type Shape } from '../json/index.ts'
import { thePod } from './pod-templates.ts'
import type { PodPath, WorkloadKind } from './workload-kind.ts'

const named: Shape = { items: { members: { name: 'whole' } } }
const container: Shape = { items: { members: { name: 'whole', image: 'whole' } } }
const volume: Shape = {
  items: { members: { name: 'whole', image: { members: { reference: 'whole' } } } },
}

const podSpec: Shape = {
  members: {
    serviceAccountName: 'whole',
    serviceAccount: 'whole',
    imagePullSecrets: named,
    containers: container,
    initContainers: container,
    ephemeralContainers: container,
    volumes: volume,
  },
}

// They say whether an injector completes the pods.
const metadata: Shape = { members: { labels: 'whole', annotations: 'whole' } }
const template: Shape = { members: { metadata, spec: podSpec } }

/** The shape of what {@link imagesOf} and {@link podAccessOf} read of an object of that kind. */
export function podSpecShape({ templates = [thePod] }: WorkloadKind): Shape {
  return mergeShapes(templates.map(shapeAt))
}

function shapeAt(path: PodPath): Shape {
  return path.reduceRight<Shape>((shape, step) => {
    const name = step.replace(/\[\]$/, '')
    return { members: { [name]: name === step ? shape : { items: shape } } }
  }, template)
}
