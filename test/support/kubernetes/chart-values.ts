/** The authority of a certificate that is only rendered. */
const authority = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n'
const path = '0123456789abcdef'.repeat(4)
const off = { enabled: false } as const
const on = { enabled: true } as const

/** Sets of values that people use, by what they are for. */
export const valueSets: Readonly<Record<string, object>> = {
  'cert-manager with an authority of its own': { tls: { source: 'certManager', path } },
  'an issuer of cert-manager, without a secret path': {
    tls: { source: 'certManager', certManager: { issuerRef: { kind: 'ClusterIssuer', name: 'corporate' } } },
  },
  'a certificate that `patchline certs --patch` makes': { tls: { source: 'existingSecret' } },
  'a certificate of one’s own': {
    tls: { source: 'existingSecret', path, existingSecret: { name: 'own', caBundle: authority } },
    config: {
      workloads: [
        { group: 'example.com', kind: 'Proxy', podTemplate: 'spec.template' },
        { group: 'example.com', kind: 'App', resource: 'apps', podTemplate: 'spec.template' },
      ],
    },
  },
  'no audit': { audit: off },
  'every feature off': {
    config: {
      kubernetes: { policies: 'off', namespaceLabels: 'off' },
      enforcement: { copies: 'refused' },
      audit: { reports: false, events: false },
      operations: { authentication: 'off' },
    },
    webhook: { previews: false, podDisruptionBudget: off },
  },
  'rights by namespace': {
    rbac: { namespaced: true, pullSecretNamespaces: ['shop'] },
    config: { audit: { namespaces: ['shop', 'team-a'], correctAnnotations: true } },
  },
  'annotations are corrected': { config: { audit: { correctAnnotations: true } } },
  'accounts of one’s own, and no roles': {
    rbac: { create: false },
    webhook: { serviceAccount: { create: false, name: 'mine' } },
    audit: { serviceAccount: { create: false, name: 'mine-too' } },
  },
  'opt-in, closed, without annotations': {
    webhook: {
      optIn: true,
      annotate: false,
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      excludedNamespaces: ['kube-system'],
      namespaceSelector: {
        matchLabels: { team: 'a' },
        matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['sandbox'] }],
      },
    },
  },
  'no hooks and no definitions': { preflight: off, check: off, test: off, uninstall: off, crds: off },
  'definitions that go': { crds: { keep: false } },
  'monitoring and network': {
    metrics: {
      readers: [{ namespace: 'monitoring', name: 'prometheus' }],
      serviceMonitor: { ...on, labels: { release: 'kube-prometheus-stack' } },
      podMonitor: on,
      prometheusRule: on,
      dashboard: { ...on, namespace: 'grafana', annotations: { folder: 'Images' } },
    },
    networkPolicy: {
      ...on,
      metricsFrom: [{ podSelector: {} }],
      extraEgress: [{ ports: [{ port: 5000 }] }],
    },
  },
  'where the pods run': {
    imagePullSecrets: [{ name: 'regcred' }],
    image: { registry: 'registry.example.com', tag: '1.10', digest: `sha256:${'0'.repeat(64)}` },
    commonLabels: { team: 'platform' },
    webhook: {
      extraEnv: [{ name: 'REGISTRY_PASSWORD', value: 'x' }],
      extraEnvFrom: [{ secretRef: { name: 'registry' } }],
      extraVolumes: [{ name: 'authorities', configMap: { name: 'authorities' } }],
      extraVolumeMounts: [{ name: 'authorities', mountPath: '/etc/authorities' }],
      nodeSelector: { pool: 'system' },
      tolerations: [{ operator: 'Exists' }],
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } },
      priorityClassName: 'system-cluster-critical',
      topologySpreadConstraints: [{ maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
      annotations: { note: 'deployment' },
      podAnnotations: { note: 'pod' },
      podLabels: { note: 'pod' },
      serviceAnnotations: { note: 'service' },
      serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' } },
    },
    hooks: { tolerations: [{ operator: 'Exists' }] },
  },
  'verdicts for other programs': {
    config: { api: { port: 4006, authentication: 'kubernetes' } },
    networkPolicy: on,
  },
  OpenShift: { openshift: true },
  'further objects': {
    extraObjects: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } },
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Namespace }}-text" }\n',
    ],
  },
}
