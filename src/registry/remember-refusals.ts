import type { SecretReader, Unread } from './pull-secret.ts'

// What a workload may know is kept for five minutes: that much longer it takes until a right that was just given shows.
const refusedFor = 60_000
// As many namespaces as Kubernetes is tested with.
const mostNamespaces = 10_000

/**
 * The same reader, which asks for no further service accounts of a namespace for a while where one may not be read: the right to
 * that is one to all of them. The manifests come without it, and a cycle over a large cluster would ask ten thousand times in vain.
 */
export function rememberRefusals(inner: SecretReader, now: () => number): SecretReader {
  const refused = new Map<string, { readonly answer: Unread; readonly until: number }>()
  return {
    pullSecret: (namespace, name) => inner.pullSecret(namespace, name),
    async serviceAccount(namespace, name) {
      const known = refused.get(namespace)
      if (known !== undefined && now() < known.until) return known.answer
      refused.delete(namespace)
      const answer = await inner.serviceAccount(namespace, name)
      if (answer.kind !== 'forbidden') return answer
      if (refused.size >= mostNamespaces) refused.clear()
      refused.set(namespace, { answer, until: now() + refusedFor })
      return answer
    },
  }
}
