import type { Registry } from 'prom-client'
import type { Decision, Endpoint } from '../admission/index.ts'
import { createTally } from './tally.ts'

/** Counts what was decided about what people and controllers apply in a namespace. */
export type CountInNamespace = (namespace: string, endpoint: Endpoint, decision: string) => void

// What a team is told, or would be refused. The rest is in the counter over all namespaces.
const told: ReadonlySet<string> = new Set<Decision>(['denied', 'warned', 'spared', 'unjudged', 'patched'])

// Times five decisions, of which `validate` has four. A name comes with a request, which anybody may forge: the first ones get
// a series, and keep it.
const mostNamespaces = 500
const longestName = 63 // a DNS label
/** No namespace can be called so. */
const others = '(others)'

/** Adds the counter by namespace to a registry. */
export function createNamespaceCounter(registry: Registry): CountInNamespace {
  const known = new Set<string>()
  const count = createTally(registry, {
    name: 'patchline_admission_namespace_decisions_total',
    help: `Reviews with a warning, a refusal or a patch, by namespace; beyond ${mostNamespaces} namespaces together as ${others}`,
    labelNames: ['namespace', 'endpoint', 'decision'],
  })
  const label = (namespace: string): string => {
    if (known.has(namespace)) return namespace
    if (known.size >= mostNamespaces || !/^[a-z0-9-]+$/.test(namespace) || namespace.length > longestName)
      return others
    known.add(namespace)
    return namespace
  }
  return (namespace, endpoint, decision) => {
    if (told.has(decision)) count(label(namespace), endpoint, decision)
  }
}
