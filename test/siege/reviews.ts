/** The AdmissionReview of a new Deployment in a namespace, as JSON. */
export function reviewOf(uid: string, images: readonly string[], namespace = 'siege'): string {
  const containers = images.map((image, at) => ({ name: `c${at}`, image }))
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      name: 'web',
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'alice', groups: ['system:authenticated'] },
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace },
        spec: { replicas: 1, template: { metadata: { labels: { app: 'web' } }, spec: { containers } } },
      },
      oldObject: null,
    },
  })
}
