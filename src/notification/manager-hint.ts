import type { Manager } from '../audit/index.ts'
import { isDnsLabel, isDnsSubdomain } from '../text/index.ts'

/**
 * Where to write the newer tag of an image that something applies from its own source: changed in the cluster, it would be changed
 * back. Labels and annotations are free text, which a channel would show with its marks: what is no name of Kubernetes is left out.
 */
export function managerHint(manager: Manager, newest: string): string {
  const tag = tagText.test(newest) ? ` ${newest}` : ' the newer tag'
  switch (manager.by) {
    case 'helm':
      return `${named('Helm release', manager)}${chartOf(manager.chart)} manages it: set the tag in its values, often image.tag=${tag.trim()}`
    case 'flux-helm':
      return `${named('Flux HelmRelease', manager)} manages it: set the tag in its values, often image.tag=${tag.trim()}`
    case 'flux-kustomize':
      return `${named('Flux Kustomization', manager)} manages it: change the image in its source to${tag}`
    case 'argo-cd':
      return `${named('Argo CD application', manager)} manages it: change the image in its source to${tag}`
    case 'kustomize':
      return `kustomize made it${fileOf(manager.path)}: change the image beside its kustomization.yaml, then apply it`
  }
}

function named(
  what: string,
  { name, namespace }: { readonly name: string; readonly namespace: string | undefined },
): string {
  if (!isDnsSubdomain(name)) return `${article(what)} ${what}`
  return namespace === undefined || !isDnsLabel(namespace) || what === 'Helm release'
    ? `${what} ${name}`
    : `${what} ${namespace}/${name}`
}

function article(what: string): string {
  return /^[AEIOU]/.test(what) ? 'an' : 'a'
}

// The value of a label (apimachinery, IsValidLabelValue), a tag, and a path in a repository.
const labelValue = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const tagText = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const pathText = /^[A-Za-z0-9._-][A-Za-z0-9._/-]{0,199}$/

function chartOf(chart: string | undefined): string {
  return chart === undefined || !labelValue.test(chart) ? '' : ` (chart ${chart})`
}

function fileOf(path: string): string {
  return pathText.test(path) ? ` (${path})` : ''
}
