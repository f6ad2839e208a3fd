import { Histogram, type Registry } from 'prom-client'
import type { Decision, Endpoint } from '../admission/index.ts'
import type { Evaluation } from '../evaluation/index.ts'
import { addCounter } from './instruments.ts'

/** The metrics of admission reviews. */
export interface AdmissionMetrics {
  /** `decision` is that of the event, or the failure that took its place. */
  countRequest(endpoint: Endpoint, operation: string, decision: string): void
  /** Counts the same by namespace, for the decisions that a person sees. */
  countInNamespace(namespace: string, endpoint: Endpoint, decision: string): void
  /** Counts an object that nothing but the annotation for an emergency let through, by the policy that would refuse it. */
  countEmergency(namespace: string, policy: string): void
  observeDuration(endpoint: Endpoint, seconds: number): void
  countVerdict(verdict: Evaluation['verdict']): void
}

/** Adds the metrics of admission reviews to a registry. */
export function addAdmissionMetrics(registry: Registry): AdmissionMetrics {
  return {
    countRequest: addRequestCounter(registry),
    countInNamespace: addNamespaceCounter(registry),
    countEmergency: addEmergencyCounter(registry),
    observeDuration: addDurationHistogram(registry),
    countVerdict: addCounter(registry, {
      name: 'patchline_images_evaluated_total',
      help: 'Images judged in admission reviews, by verdict',
      labelNames: ['verdict'],
    }),
  }
}

const operations = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])

function addRequestCounter(registry: Registry): AdmissionMetrics['countRequest'] {
  const count = addCounter(registry, {
    name: 'patchline_admission_requests_total',
    help: 'Admission requests by what came of them',
    labelNames: ['endpoint', 'operation', 'decision'],
  })
  return (endpoint, operation, decision) =>
    count(endpoint, operations.has(operation) ? operation : 'other', decision)
}

// From a decision out of memory to the usual timeout of the API server.
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3]

function addDurationHistogram(registry: Registry): AdmissionMetrics['observeDuration'] {
  const histogram = new Histogram({
    name: 'patchline_admission_duration_seconds',
    help: 'From the decoded review to its answer',
    labelNames: ['endpoint'],
    buckets: durationBuckets,
    registers: [registry],
  })
  return (endpoint, seconds) => histogram.observe({ endpoint }, seconds)
}

// What a team sees, or what would be refused. The counter over all namespaces has the rest.
const visible: ReadonlySet<string> = new Set<Decision>(['denied', 'warned', 'spared', 'unjudged', 'patched'])

// Times five decisions, of which `validate` has four. A request brings the name of a namespace, and any client may forge one: the
// first ones get a series, and keep it.
const mostNamespaces = 500
const longestName = 63 // a DNS label
/** No namespace can have this name. */
const others = '(others)'

function addNamespaceCounter(registry: Registry): AdmissionMetrics['countInNamespace'] {
  const label = createNamespaceLabel()
  const count = addCounter(registry, {
    name: 'patchline_admission_namespace_decisions_total',
    help: `Reviews with a warning, a refusal or a patch, by namespace; beyond ${mostNamespaces} namespaces together as ${others}`,
    labelNames: ['namespace', 'endpoint', 'decision'],
  })
  return (namespace, endpoint, decision) => {
    if (visible.has(decision)) count(label(namespace), endpoint, decision)
  }
}

/** The label of a namespace: its name for the first ones, one label for the rest. */
function createNamespaceLabel(): (namespace: string) => string {
  const known = new Set<string>()
  return namespace => {
    if (known.has(namespace)) return namespace
    if (known.size >= mostNamespaces || !/^[a-z0-9-]+$/.test(namespace) || namespace.length > longestName)
      return others
    known.add(namespace)
    return namespace
  }
}

// Only objects of the cluster name policies, and mostly one or two decide about a namespace.
const mostEmergencies = 500

function addEmergencyCounter(registry: Registry): AdmissionMetrics['countEmergency'] {
  const label = createNamespaceLabel()
  const known = new Set<string>()
  const count = addCounter(registry, {
    name: 'patchline_break_glass_total',
    help: `Reviews of objects that only the annotation patchline.dev/break-glass let through, by namespace and policy; beyond ${mostEmergencies} pairs together as ${others}`,
    labelNames: ['namespace', 'policy'],
  })
  return (namespace, policy) => {
    const shown = label(namespace)
    const pair = `${shown}/${policy}`
    if (!known.has(pair) && known.size >= mostEmergencies) return count(others, others)
    known.add(pair)
    return count(shown, policy)
  }
}
