import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import type { ApiAgent } from '../api/api-agent.ts'
import { callApi, type ApiRequest } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import {
  answerLimit,
  folderOf,
  managedBy,
  ourManager,
  type HeldReport,
  type ReportKind,
  type ReportObject,
} from './policy-report-objects.ts'

/** What reports are written with. */
export interface ReportPlace {
  readonly kubeConfig: KubeConfig
  readonly kind: ReportKind
  readonly mayWrite: () => boolean
  /** Of those who write many. */
  readonly agent?: ApiAgent
}

type Name = Pick<HeldReport, 'namespace' | 'name'>

/** A report without our label has the name of one of ours. Another tool keeps it: it is neither changed nor removed. */
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
 * Creates a report, or brings the one that was seen up to date; its new resource version. Rules of RBAC know no labels, so each
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

/** Sends for what was seen; where that has changed, has come to be or is gone since, once more for what is there now. */
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
  // By a list of one, for which the right to list is enough.
  const what = `look at ${place.kind.resource} ${name.namespace}/${name.name}`
  const query = { fieldSelector: `metadata.name=${name.name}` }
  const request = { what, path: folderOf(place.kind, name.namespace), query }
  const answer = await callApi(place.kubeConfig, request, limited(signal))
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
  return callApi(kubeConfig, { ...request, ...own, mayWrite }, limited(signal))
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(answerLimit)])
}
