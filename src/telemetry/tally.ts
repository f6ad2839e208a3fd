import { Counter, type Registry } from 'prom-client'

export interface TallyOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
}

// Prometheus' own separator of label values (client_golang, model/labels): no label of ours holds it.
const separator = '\u00ff'

/**
 * A counter that counts in a map of its own and becomes one of prom-client's at each scrape: those hash and check their
 * labels at every step, which is felt in a review. Takes one value for each label, in order.
 */
export function createTally(
  registry: Registry,
  { name, help, labelNames }: TallyOptions,
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
