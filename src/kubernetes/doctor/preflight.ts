import { X509Certificate } from 'node:crypto'
import { at, itemsOf, textOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { parseWebhooks, pathOf } from '../webhook/patch-webhooks.ts'
import type { Installation } from './examine.ts'

/** What is about to be installed. */
interface Planned extends Installation {
  /** The Secret with the serving pair, where it has to be there already. */
  readonly secret: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** A person or Helm waits for it; milliseconds for each request. */
const answerLimit = 15_000
/** The oldest Kubernetes 1.x whose API the manifests are written for. */
const oldestMinor = 25

/**
 * Looks for what would make an installation fail later, or unseen; resolves to what is wrong, or to nothing. Rejects with
 * KubernetesError where that cannot be told.
 */
export async function preflight(planned: Planned, signal: AbortSignal): Promise<readonly string[]> {
  return [
    ...(await problemsOfVersion(planned, signal)),
    ...(await otherInstallations(planned, signal)),
    ...(await problemsOfSecret(planned, signal)),
  ]
}

async function problemsOfVersion({ kubeConfig }: Planned, signal: AbortSignal): Promise<readonly string[]> {
  const what = 'ask the API server for its version'
  const found = await callApi(kubeConfig, { what, path: '/version' }, withTimeout(signal, answerLimit))
  const version = textOf(at(found, ['gitVersion']))
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
  const isOld = Number(major) === 1 && Number(minor) < oldestMinor
  return isOld ? [`the cluster is Kubernetes ${version}; Patchline needs 1.${oldestMinor} or newer`] : []
}

async function otherInstallations(
  { kubeConfig, configuration }: Planned,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const what = 'list webhook configurations'
  const path = pathOf('validatingwebhookconfigurations')
  const found = await callApi(kubeConfig, { what, path }, withTimeout(signal, answerLimit))
  return itemsOf(at(found, ['items'])).flatMap(each => {
    const name = textOf(at(each, ['metadata', 'name']))
    const isOurs = parseWebhooks(each, what).some(webhook => webhook.name === 'validate.patchline.dev')
    if (!isOurs || name === configuration) return []
    return [
      `there is another Patchline: validatingwebhookconfigurations/${name}; with two, each warning comes twice`,
    ]
  })
}

async function problemsOfSecret(planned: Planned, signal: AbortSignal): Promise<readonly string[]> {
  const { kubeConfig, namespace, secret } = planned
  if (secret === undefined) return []
  const named = `secret ${namespace}/${secret}`
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secret)}`
  try {
    const found = await callApi(kubeConfig, { what: `get ${named}`, path }, withTimeout(signal, answerLimit))
    const missing = ['tls.crt', 'tls.key'].filter(key => textOf(at(found, ['data', key])) === '')
    if (missing.length > 0) return [`${named} lacks ${missing.join(' and ')}`]
    const certificate = Buffer.from(textOf(at(found, ['data', 'tls.crt'])), 'base64')
    return problemsOfCertificate(certificate, planned).map(problem => `${named}: ${problem}`)
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.code !== 'not-found') throw error
    return [`${named} is not there: create it, or let cert-manager or \`patchline certs --patch\` make it`]
  }
}

function problemsOfCertificate(pem: Buffer, { service, namespace, now }: Planned): readonly string[] {
  const host = `${service}.${namespace}.svc`
  try {
    const certificate = new X509Certificate(pem)
    return [
      ...(Date.parse(certificate.validTo) <= now ? [`the certificate ended on ${certificate.validTo}`] : []),
      ...(certificate.checkHost(host) === undefined ? [`the certificate is not for ${host}`] : []),
    ]
  } catch {
    return ['tls.crt is no certificate']
  }
}
