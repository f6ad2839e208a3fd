import { Counter, Gauge, type Registry } from 'prom-client'

/** The name of a metric, and its help text. */
export interface Instrument {
  readonly name: string
  readonly help: string
}

interface CounterOptions extends Instrument {
  readonly labelNames: readonly string[]
}

// Prometheus' own separator of label values (client_golang, model/labels): no label value here holds it.
const separator = '\u00ff'

/**
 * Adds a counter that is fast to increment: it counts in a map, and becomes a counter of prom-client at each scrape. Those hash
 * and check their labels at every increment, which is felt in a review. Takes one value for each label, in order.
 */
export function addCounter(
  registry: Registry,
  { name, help, labelNames }: CounterOptions,
): (...labels: readonly string[]) => void {
  const counts = new Map<string, number>()
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset()
        for (const [key, count] of counts) this.labels(...key.split(separator)).inc(count)
      },
    }),
  )
  return (...labels) => {
    const key = labels.join(separator)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
}

/** Adds a gauge that is 1 or 0. */
export function addSwitch(registry: Registry, instrument: Instrument): (isOn: boolean) => void {
  const gauge = new Gauge({ ...instrument, registers: [registry] })
  return isOn => gauge.set(isOn ? 1 : 0)
}

/** Adds a gauge that has no series before its value is first set: 0 would be a wrong value, as an instant the beginning of 1970. */
export function addLateGauge(registry: Registry, instrument: Instrument): (value: number) => void {
  const gauge = new Gauge({ ...instrument, registers: [registry] })
  gauge.remove()
  return value => gauge.set(value)
}
