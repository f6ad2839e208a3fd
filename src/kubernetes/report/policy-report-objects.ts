import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import type { ServedResource } from '../api/api-discovery.ts'
import { listPages } from '../api/list-pages.ts'
import { reportResults, type WorkloadReport, type ResultBody } from './policy-report.ts'

/** Where reports can be kept; Kyverno and Policy Reporter use the first by default, so it is preferred where both are. */
export const reportKinds = [
  { group: 'wgpolicyk8s.io', version: 'v1alpha2', resource: 'policyreports', kind: 'PolicyReport' },
  { group: 'openreports.io', version: 'v1alpha1', resource: 'reports', kind: 'Report' },
] as const satisfies readonly ServedResource[]
export type ReportKind = (typeof reportKinds)[number]

/** What is kept of a report in the cluster: enough to see whether it still says the same, and since when. */
export interface HeldReport {
  readonly namespace: string
  readonly name: string
  /** Of the object as it was seen: what another tool has changed or made anew since has another. */
  readonly resourceVersion: string
  readonly content: string
  /** When each result came to be what it is, in epoch seconds, by `sinceKey`. */
  readonly since: ReadonlyMap<string, number>
}

/** The label that tells our reports from those of other tools. */
export const managedBy = 'app.kubernetes.io/managed-by'
export const ourManager = 'patchline'
const contentAnnotation = 'patchline.dev/content'

/** Told apart by what of a result is worth a new time. */
export function sinceKey({ result, properties }: Pick<ResultBody, 'result' | 'properties'>): string {
  const { field, container, image, newest } = properties
  return JSON.stringify([field, container, image, newest ?? null, result])
}

/** Milliseconds for each request. */
export const answerLimit = 30_000

/** About 1.5 KB each. */
const pageSize = 250

/** Our reports in a namespace, or in all. Rejects with KubernetesError. */
export async function listReports(
  { kubeConfig, kind }: { readonly kubeConfig: KubeConfig; readonly kind: ReportKind },
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly HeldReport[]> {
  const what = `list ${kind.resource}`
  const path = namespace === undefined ? `${rootOf(kind)}/${kind.resource}` : folderOf(kind, namespace)
  const labelSelector = `${managedBy}=${ourManager}`
  const reports: HeldReport[] = []
  for await (const items of listPages(kubeConfig, { what, path, labelSelector, pageSize }, signal))
    reports.push(...items.flatMap(parseReport))
  return reports
}

function rootOf({ group, version }: ServedResource): string {
  return `/apis/${group}/${version}`
}

/** The path of the reports in a namespace. */
export function folderOf(kind: ServedResource, namespace: string): string {
  return `${rootOf(kind)}/namespaces/${encodeURIComponent(namespace)}/${kind.resource}`
}

function parseReport(object: unknown): readonly HeldReport[] {
  const metadata = member(object, 'metadata')
  const [namespace, name] = [textOf(member(metadata, 'namespace')), textOf(member(metadata, 'name'))]
  // What has no name cannot be written to.
  if (namespace === '' || name === '') return []
  const since = new Map<string, number>()
  for (const one of itemsOf(member(object, 'results'))) {
    const seconds = at(one, ['timestamp', 'seconds'])
    const result = reportResults.find(known => known === member(one, 'result'))
    if (typeof seconds === 'number' && result !== undefined)
      since.set(sinceKey({ result, properties: textsOf(member(one, 'properties')) }), seconds)
  }
  const resourceVersion = textOf(member(metadata, 'resourceVersion'))
  const content = textOf(at(metadata, ['annotations', contentAnnotation]))
  return [{ namespace, name, resourceVersion, content, since }]
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.map(([key, text]) => [key, textOf(text)]))
}

/** The report as an object. What was so before keeps its time; what is new has come to be `now` (epoch seconds). */
export function reportObject(
  kind: ReportKind,
  report: WorkloadReport,
  { held, now }: { readonly held: HeldReport | undefined; readonly now: number },
) {
  const { apiVersion, kind: owner, namespace, name, uid } = report.workload
  const results = report.results.map(one => ({
    ...one,
    timestamp: { seconds: held?.since.get(sinceKey(one)) ?? now, nanos: 0 },
  }))
  return {
    apiVersion: `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name: report.name,
      namespace,
      labels: { 'app.kubernetes.io/name': 'patchline', [managedBy]: ourManager },
      annotations: { [contentAnnotation]: report.content },
      // The cluster removes the report with its workload. An owner without uid cannot be named; its report we remove.
      ownerReferences: uid === '' ? [] : [{ apiVersion, kind: owner, name, uid }],
    },
    ...(kind.kind === 'Report' && { source: 'patchline' }),
    scope: { apiVersion, kind: owner, namespace, name, ...(uid !== '' && { uid }) },
    summary: Object.fromEntries(
      reportResults.map(result => [result, results.filter(one => one.result === result).length]),
    ),
    results,
  }
}

export type ReportObject = ReturnType<typeof reportObject>
