/** A kind that a test adds to the API. */
export interface CustomKind {
  readonly group: string
  readonly kind: string
  readonly plural: string
}

/** The definition of a kind, as JSON: whatever is in its objects is kept, and the status is a subresource if so said. */
export function definitionOf(
  { group, kind, plural }: CustomKind,
  { status }: { readonly status: boolean },
): string {
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          ...(status && { subresources: { status: {} } }),
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  })
}

/** A cluster role, as JSON, by which the role `edit` includes objects of these groups. */
export function editorOf(apiGroups: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'custom-kinds-edit',
      labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' },
    },
    rules: [{ apiGroups, resources: ['*'], verbs: ['get', 'create', 'update', 'patch'] }],
  })
}
