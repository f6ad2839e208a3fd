import type { WorkloadFindings } from '../notification/index.ts'
import { oneLine } from './one-line.ts'

// An entry has to fit into a section of Slack (3000 characters) beside its command and its hints.
const room = 600

/**
 * Where an image is used: a line for each namespace, `shop: deployment/web, deployment/cart (init, main)`. Containers are named
 * where several of one workload are meant. What there is no room for is counted.
 */
export function placesOf(workloads: readonly WorkloadFindings[]): readonly string[] {
  const lines = new Map<string, string>()
  let used = 0
  let told = 0
  for (const workload of workloads) {
    const text = ownerText(workload)
    const line = lines.get(workload.namespace)
    const start = line ?? `${oneLine(workload.namespace)}: `
    used += text.length + (line === undefined ? start.length : 2)
    if (used > room && told > 0) break
    lines.set(workload.namespace, line === undefined ? start + text : `${line}, ${text}`)
    told++
  }
  const left = workloads.length - told
  return [
    ...lines.values(),
    ...(left > 0 ? [`and ${left} more ${left === 1 ? 'workload' : 'workloads'}`] : []),
  ]
}

// A pod with more containers than that of one image is a test of ours or an attack.
const mostContainers = 4

function ownerText({ kind, name, findings }: WorkloadFindings): string {
  const containers = findings.slice(0, mostContainers).map(({ container }) => container)
  const left = findings.length - containers.length
  const named =
    findings.length === 1 ? '' : ` (${containers.join(', ')}${left > 0 ? ` and ${left} more` : ''})`
  return oneLine(`${kind.toLowerCase()}/${name}${named}`)
}
