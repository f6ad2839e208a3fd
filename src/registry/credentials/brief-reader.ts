import { createExpiringMap } from '../../async/index.ts'
import type { SecretReader } from './pull-secret.ts'

// What a workload may know is kept for five minutes: that much longer it takes until what was changed shows.
const keptFor = 60_000
// Where a secret is missing that is half a minute.
const keptMissing = 20_000
// One for each namespace of a large cluster.
const max = 20_000

/**
 * The same reader, which asks once within a minute for a secret that many workloads of a namespace name, and for no further service
 * accounts of a namespace where one may not be read: the right to that is one to all of them, and the manifests come without it.
 * A cycle over 20,000 workloads would ask fifteen thousand times instead of a thousand.
 */
export function createBriefReader(inner: SecretReader, now: () => number): SecretReader {
  const secrets = createExpiringMap<ReturnType<SecretReader['pullSecret']>>({ max, now })
  const refusals = createExpiringMap<ReturnType<SecretReader['serviceAccount']>>({ max, now })
  return {
    async pullSecret(namespace, name) {
      const key = JSON.stringify([namespace, name])
      const known = secrets.get(key)
      if (known !== undefined) return known
      const reading = inner.pullSecret(namespace, name)
      secrets.set(key, reading, now() + keptFor)
      const answer = await reading
      if (answer.kind !== 'found') secrets.set(key, reading, now() + keptMissing)
      return answer
    },
    async serviceAccount(namespace, name) {
      const known = refusals.get(namespace)
      if (known !== undefined) return known
      const answer = await inner.serviceAccount(namespace, name)
      if (answer.kind === 'forbidden') refusals.set(namespace, Promise.resolve(answer), now() + keptFor)
      return answer
    },
  }
}
