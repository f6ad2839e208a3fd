import { at, member, textOf } from '../json/index.ts'

/**
 * What applies a workload again and again from a source of its own, as the workload's labels and annotations name it. Names are
 * as written there: free text of the authors of the object.
 */
export type Manager =
  | {
      readonly by: 'helm'
      readonly name: string
      readonly namespace: string
      /** `nginx-15.4.2` as the label `helm.sh/chart` has it; undefined where there is none. */
      readonly chart: string | undefined
    }
  | { readonly by: 'flux-helm' | 'flux-kustomize'; readonly name: string; readonly namespace: string }
  | {
      readonly by: 'argo-cd'
      readonly name: string
      /** Undefined: that of Argo CD itself. */
      readonly namespace: string | undefined
    }
  | {
      readonly by: 'kustomize'
      /** Of the file that the object came from, in its repository. */
      readonly path: string
    }

/** The manager of an object by its metadata. The outermost is named: Argo CD and Flux render Helm charts and kustomizations. */
export function managerOf(metadata: unknown): Manager | undefined {
  return argoCd(metadata) ?? flux(metadata) ?? helm(metadata) ?? kustomize(metadata)
}

// argo-cd.readthedocs.io, resource tracking: `application:group/kind:namespace/name`. An application of another namespace than
// Argo CD's own is `namespace_application`. The label `app.kubernetes.io/instance`, which old ones track by, is Helm's too.
function argoCd(metadata: unknown): Manager | undefined {
  const [tracked = ''] = annotation(metadata, 'argocd.argoproj.io/tracking-id').split(':', 1)
  const instance = tracked === '' ? label(metadata, 'argocd.argoproj.io/instance') : tracked
  if (instance === '') return undefined
  const [first = '', second] = instance.split('_', 2)
  return second === undefined
    ? { by: 'argo-cd', name: first, namespace: undefined }
    : { by: 'argo-cd', name: second, namespace: first }
}

function flux(metadata: unknown): Manager | undefined {
  for (const [by, prefix] of fluxPrefixes) {
    const name = label(metadata, `${prefix}/name`)
    if (name !== '') return { by, name, namespace: label(metadata, `${prefix}/namespace`) }
  }
  return undefined
}

// A HelmRelease is nearer than the Kustomization that brought it; both label what they apply.
const fluxPrefixes = [
  ['flux-helm', 'helm.toolkit.fluxcd.io'],
  ['flux-kustomize', 'kustomize.toolkit.fluxcd.io'],
] as const

// helm.sh/docs/chart_best_practices/labels, and what Helm 3 writes on everything that it makes.
function helm(metadata: unknown): Manager | undefined {
  const name = annotation(metadata, 'meta.helm.sh/release-name')
  if (name === '') return undefined
  const chart = label(metadata, 'helm.sh/chart')
  const namespace = annotation(metadata, 'meta.helm.sh/release-namespace')
  return { by: 'helm', name, namespace, chart: chart === '' ? undefined : chart }
}

// Written by `buildMetadata: [originAnnotations]`: YAML, of which the path is one line.
function kustomize(metadata: unknown): Manager | undefined {
  const origin = annotation(metadata, 'config.kubernetes.io/origin')
  if (origin !== '') return { by: 'kustomize', path: /^path: (\S+)$/m.exec(origin)?.[1] ?? '' }
  // And `buildMetadata: [managedByLabel]`: `kustomize-v5.0.0`.
  return label(metadata, 'app.kubernetes.io/managed-by').startsWith('kustomize')
    ? { by: 'kustomize', path: '' }
    : undefined
}

function annotation(metadata: unknown, name: string): string {
  return textOf(at(metadata, ['annotations', name]))
}

function label(metadata: unknown, name: string): string {
  return textOf(member(member(metadata, 'labels'), name))
}
