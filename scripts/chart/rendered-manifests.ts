/** The manifests of `kubectl apply -k`, made from what Helm renders of the chart. */

/** A file and what belongs into it. */
export interface ManifestFile {
  /** Below manifests/. */
  readonly path: string
  readonly text: string
}

/** The values with which the chart is rendered for the manifests: no hooks, and the optional parts too, as files of their own. */
export const manifestValues = {
  tls: { source: 'existingSecret' },
  crds: { enabled: false },
  networkPolicy: { enabled: true },
  metrics: {
    serviceMonitor: { enabled: true },
    podMonitor: { enabled: true },
    prometheusRule: { enabled: true },
  },
  preflight: { enabled: false },
  check: { enabled: false },
  test: { enabled: false },
  uninstall: { enabled: false },
} as const

/** The further values for the rights of the component correct-annotations; nothing else is taken from this rendering. */
export const annotationValues = {
  ...manifestValues,
  config: { audit: { correctAnnotations: true } },
} as const

// Each file of manifests/, with the templates that it consists of, in their order.
const files: Readonly<Record<string, readonly string[]>> = {
  'audit-deployment.yaml': ['audit/deployment.yaml'],
  'audit-service.yaml': ['audit/service.yaml'],
  'audit-serviceaccount.yaml': ['audit/serviceaccount.yaml'],
  'configmap.yaml': ['configmap.yaml'],
  'deployment.yaml': ['webhook/deployment.yaml'],
  'mutatingwebhookconfiguration.yaml': ['webhook/mutatingwebhookconfiguration.yaml'],
  'networkpolicy.yaml': ['webhook/networkpolicy.yaml', 'audit/networkpolicy.yaml'],
  'poddisruptionbudget.yaml': ['webhook/poddisruptionbudget.yaml'],
  'rbac-audit.yaml': ['audit/rbac.yaml'],
  'rbac-readers.yaml': ['audit/rbac-readers.yaml'],
  'rbac.yaml': ['webhook/rbac.yaml', 'webhook/rbac-pull-secrets.yaml'],
  'service.yaml': ['webhook/service.yaml'],
  'serviceaccount.yaml': ['webhook/serviceaccount.yaml'],
  'validatingwebhookconfiguration.yaml': ['webhook/validatingwebhookconfiguration.yaml'],
  'monitoring/podmonitor.yaml': ['monitoring/podmonitor.yaml'],
  'monitoring/prometheusrule.yaml': ['monitoring/prometheusrule.yaml'],
  'monitoring/servicemonitor.yaml': ['monitoring/servicemonitor.yaml'],
}
const annotationFiles = {
  'correct-annotations/rbac.yaml': ['audit/rbac-annotations.yaml'],
} as const

/** The further values for the objects of the component managed-certificates. */
export const managedValues = { ...manifestValues, tls: { source: 'managed' } } as const
const managedFiles = {
  'managed-certificates/rbac.yaml': ['tls/rbac-certificates.yaml'],
  'managed-certificates/secrets.yaml': ['tls/secrets.yaml'],
} as const

/** What `helm template` prints with each of the sets of values. */
export interface Renderings {
  readonly usual: string
  readonly withAnnotations: string
  readonly managed: string
}

/** The files of manifests/ from the output of `helm template`. */
export function manifestFiles({ usual, withAnnotations, managed }: Renderings): readonly ManifestFile[] {
  return [
    ...filesOf(files, usual),
    ...filesOf(annotationFiles, withAnnotations),
    ...filesOf(managedFiles, managed),
  ]
}

function filesOf(
  wanted: Readonly<Record<string, readonly string[]>>,
  rendered: string,
): readonly ManifestFile[] {
  const bySource = documentsBySource(rendered)
  return Object.entries(wanted).map(([path, templates]) => {
    const documents = templates.flatMap(template => {
      const found = bySource.get(`patchline/templates/${template}`)
      if (found === undefined) throw new Error(`the chart renders nothing of templates/${template}`)
      return found
    })
    return { path, text: `${note}${documents.map(withoutHelm).join('---\n')}` }
  })
}

const note =
  '# Made from charts/patchline by `npm run manifests`. Change the template there, and run it again.\n'

// Helm orders documents by kind. Within a template, the order is that of the kinds too, and of the names.
function documentsBySource(rendered: string): ReadonlyMap<string, readonly string[]> {
  const documents = new Map<string, readonly string[]>()
  for (const part of rendered.split(/^---\n/m)) {
    const [, source, text = ''] = /^# Source: (\S+)\n([\s\S]*)$/.exec(part) ?? []
    if (source !== undefined) documents.set(source, [...(documents.get(source) ?? []), `${text.trimEnd()}\n`])
  }
  return documents
}

// What only Helm and Argo CD need: kubectl finds objects by their names, and a selector never changes.
const ofHelm =
  /^ +(?:helm\.sh\/chart|app\.kubernetes\.io\/(?:instance|version|managed-by)|argocd\.argoproj\.io\/\S+): .*\n/gm
const annotationComments = /^ +# (?:Argo CD applies them|A changed configuration starts new pods).*\n/gm
const checksum = /^ +checksum\/config: .*\n/gm
const emptyAnnotations = /^( *)annotations:\n(?!\1 )/gm

function withoutHelm(document: string): string {
  return document
    .replaceAll(ofHelm, '')
    .replaceAll(annotationComments, '')
    .replaceAll(checksum, '')
    .replaceAll(emptyAnnotations, '')
}
