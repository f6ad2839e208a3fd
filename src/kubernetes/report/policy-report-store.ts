import type { KubeConfig } from '@kubernetes/client-node'
import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import type { ApiAgent } from '../api/connection.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { listPages, type ServedResource } from '../api/resources.ts'
import { reportResults, type ResultBody } from '../../report/index.ts'
import type { WorkloadReport } from './workload-report.ts'

/** The kinds of policy reports; Kyverno and Policy Reporter use the first by default, so it is preferred where both exist. */
export const reportKinds = [
  { group: 'wgpolicyk8s.io', version: 'v1alpha2', resource: 'policyreports', kind: 'PolicyReport' },
  { group: 'openreports.io', version: 'v1alpha1', resource: 'reports', kind: 'Report' },
] as const satisfies readonly ServedResource[]
export type ReportKind = (typeof reportKinds)[number]

/** A report in the cluster: what is kept of it tells whether its content is still the same, and since when. */
export interface HeldReport {
  readonly namespace: string
  readonly name: string
  /** Of the object as it was last seen: after a change by another client it is another. */
  readonly resourceVersion: string
  readonly content: string
  /** The time of the last change of each result, in epoch seconds, by `sinceKey`. */
  readonly since: ReadonlyMap<string, number>
}

/** The label that tells our reports from those of other tools. */
export const managedBy = 'app.kubernetes.io/managed-by'
export const ourManager = 'patchline'
const contentAnnotation = 'patchline.dev/content'

/** The key of a result: the parts whose change gives it a new time. */
export function sinceKey({ result, properties }: Pick<ResultBody, 'result' | 'properties'>): string {
  const { field, container, image, newest } = properties
  return JSON.stringify([field, container, image, newest ?? null, result])
}

/** Milliseconds for each request. */
const answerLimit = 30_000

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
  // A report without a name cannot be written.
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
  const entries = isJsonObject(value) ? Object.entries(value) : []
  return Object.fromEntries(entries.map(([key, text]) => [key, textOf(text)]))
}

/** The report as a Kubernetes object. A result that existed before keeps its time; a new one gets `now` (epoch seconds). */
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
      // The garbage collector removes the report with its workload. An owner without uid cannot be named; Patchline removes its report.
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

/** Where reports are written, and with which rights. */
export interface ReportPlace {
  readonly kubeConfig: KubeConfig
  readonly kind: ReportKind
  readonly mayWrite: () => boolean
  /** For many writes in a row. */
  readonly agent?: ApiAgent
}

type Name = Pick<HeldReport, 'namespace' | 'name'>

/** A report of another tool (without our label) has the name of one of ours. It is neither changed nor removed. */
export class ForeignReportError extends KubernetesError {
  constructor(place: ReportPlace, { namespace, name }: Name) {
    super('conflict', {
      what: `write ${place.kind.resource} ${namespace}/${name}`,
      why: `there is one without the label ${managedBy}=${ourManager}, which is left alone`,
      next: 'remove it, if no other tool keeps it',
    })
  }
}

/**
 * Creates a report, or updates the one that was seen; resolves to its new resource version. RBAC rules cannot use labels, so each
 * change names the version of an object that was seen with our label. Not by server-side apply: older definitions lack
 * fields that newer ones have, and apply refuses what a definition does not know, where these requests leave it out.
 * Rejects with KubernetesError.
 */
export async function putReport(
  place: ReportPlace,
  { object, seen }: { readonly object: ReportObject; readonly seen: string | undefined },
  signal: AbortSignal,
): Promise<string> {
  const send = (version: string | undefined): Promise<unknown> =>
    sendWrite(
      place,
      version === undefined ? createOf(place, object) : patchOf(place, object, version),
      signal,
    )
  return versionOf(await onSeen(place, { name: object.metadata, seen, send }, signal))
}

/** Removes a report if it is there as it was seen, or still has our label. Rejects with KubernetesError. */
export async function removeReport(place: ReportPlace, seen: HeldReport, signal: AbortSignal): Promise<void> {
  const send = async (version: string | undefined): Promise<void> => {
    if (version !== undefined) await sendWrite(place, deletionOf(place, seen, version), signal)
  }
  try {
    await onSeen(place, { name: seen, seen: seen.resourceVersion, send }, signal)
  } catch (error) {
    if (!isOneOf(error, ['not-found'])) throw error
  }
}

interface Sending<T> {
  readonly name: Name
  /** The version that was seen with our label; undefined where none was. */
  readonly seen: string | undefined
  readonly send: (version: string | undefined) => Promise<T>
}

/** Sends a write for the version that was seen; where the object has changed, appeared or gone since, once more for its version now. */
async function onSeen<T>(
  place: ReportPlace,
  { name, seen, send }: Sending<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await send(seen)
  } catch (error) {
    if (!isOneOf(error, seen === undefined ? ['conflict'] : ['conflict', 'not-found'])) throw error
    return send(await ourVersion(place, name, signal))
  }
}

function isOneOf(error: unknown, codes: readonly KubernetesError['code'][]): boolean {
  return error instanceof KubernetesError && codes.includes(error.code)
}

/** The version of our report of this name; undefined where there is none. Throws ForeignReportError. */
async function ourVersion(place: ReportPlace, name: Name, signal: AbortSignal): Promise<string | undefined> {
  // A list of one object, for which the right to list is enough.
  const what = `look at ${place.kind.resource} ${name.namespace}/${name.name}`
  const query = { fieldSelector: `metadata.name=${name.name}` }
  const request = { what, path: folderOf(place.kind, name.namespace), query }
  const answer = await callApi(place.kubeConfig, request, withTimeout(signal, answerLimit))
  // A server of reports that is no kube-apiserver may not know the selector.
  const found = itemsOf(member(answer, 'items')).find(
    item => textOf(at(item, ['metadata', 'name'])) === name.name,
  )
  if (found === undefined) return undefined
  if (textOf(at(found, ['metadata', 'labels', managedBy])) !== ourManager)
    throw new ForeignReportError(place, name)
  return versionOf(found)
}

function versionOf(object: unknown): string {
  return textOf(at(object, ['metadata', 'resourceVersion']))
}

function createOf({ kind }: ReportPlace, body: ReportObject): ApiRequest {
  const { namespace, name } = body.metadata
  const what = `create ${kind.resource} ${namespace}/${name}`
  return { what, path: folderOf(kind, namespace), write: { method: 'POST', body } }
}

function patchOf({ kind }: ReportPlace, object: ReportObject, resourceVersion: string): ApiRequest {
  const { namespace, name } = object.metadata
  const what = `patch ${kind.resource} ${namespace}/${name}`
  const path = `${folderOf(kind, namespace)}/${name}`
  const body = { ...object, metadata: { ...object.metadata, resourceVersion } }
  return { what, path, patch: { contentType: 'application/merge-patch+json', body } }
}

function deletionOf({ kind }: ReportPlace, { namespace, name }: Name, resourceVersion: string): ApiRequest {
  const what = `delete ${kind.resource} ${namespace}/${name}`
  const path = `${folderOf(kind, namespace)}/${encodeURIComponent(name)}`
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } }
  return { what, path, write: { method: 'DELETE', body } }
}

function sendWrite(
  { kubeConfig, mayWrite, agent }: ReportPlace,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const own = agent === undefined ? {} : { agent }
  return callApi(kubeConfig, { ...request, ...own, mayWrite }, withTimeout(signal, answerLimit))
}
