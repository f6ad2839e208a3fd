import { Gauge, Histogram, type Registry } from 'prom-client'
import { addCounter } from './instruments.ts'

/** A request that was sent to a registry or its token server. */
export interface CountedRequest {
  /** The host as an image reference has it. */
  readonly registry: string
  /** One of a closed set: `ok`, `rate-limited`, `timeout`. */
  readonly outcome: string
  readonly milliseconds: number
}

/** The state of the registries' hosts: their rate limits and circuit breakers. */
export interface RegistryState {
  readonly budgets: readonly { readonly registry: string; readonly remaining: number }[]
  readonly circuits: readonly { readonly registry: string; readonly position: string }[]
}

interface RegistryMetricsOptions {
  /** The label of a host. */
  readonly label: (host: string) => string
  readonly state: (() => RegistryState) | undefined
}

// From a page out of a near cache to the longest default timeout of a request, and to the longest that can be configured.
const buckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Adds the metrics of registries; returns the counter of their requests. */
export function addRegistryMetrics(
  registry: Registry,
  { label, state }: RegistryMetricsOptions,
): (request: CountedRequest) => void {
  const count = addCounter(registry, {
    name: 'patchline_registry_requests_total',
    help: 'Requests sent to registries and their token servers, by what came of them',
    labelNames: ['registry', 'outcome'],
  })
  const duration = new Histogram({
    name: 'patchline_registry_request_duration_seconds',
    help: 'From sending a request to a registry to the end of its answer',
    labelNames: ['registry'],
    buckets,
    registers: [registry],
  })
  if (state !== undefined) addStateGauges(registry, label, state)
  return request => {
    const host = label(request.registry)
    count(host, request.outcome)
    duration.observe({ registry: host }, request.milliseconds / 1000)
  }
}

function addStateGauges(
  registry: Registry,
  label: (host: string) => string,
  state: () => RegistryState,
): void {
  // A registry that does not send its rate limit has no series.
  const gauge = (name: string, help: string, lines: () => ReadonlyMap<string, number>): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['registry'],
      registers: [registry],
      collect() {
        this.reset()
        for (const [host, value] of lines()) this.set({ registry: host }, value)
      },
    })
  gauge(
    'patchline_registry_ratelimit_remaining',
    'Requests that the registry still allows, as it said last',
    () =>
      foldByHost(
        state().budgets.map(({ registry: host, remaining }) => [label(host), remaining]),
        Math.min,
      ),
  )
  gauge(
    'patchline_registry_circuit_open',
    'Whether a host of the registry fails and is left alone: 1 if so, else 0',
    () =>
      foldByHost(
        state().circuits.map(({ registry: host, position }) => [label(host), position === 'closed' ? 0 : 1]),
        Math.max,
      ),
  )
}

// A registry has several hosts and accounts: the worst one counts.
function foldByHost(
  lines: readonly (readonly [host: string, value: number])[],
  worse: (one: number, other: number) => number,
): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const [host, value] of lines) values.set(host, worse(value, values.get(host) ?? value))
  return values
}
