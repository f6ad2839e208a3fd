import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf } from '../../json/index.ts'
import { callApi } from '../api/api-request.ts'
import { KubernetesError } from '../api/kubernetes-error.ts'
import { withTimeout } from '../api/timing.ts'
import { parseWebhooks, pathOf, webhookResources, type WebhookResource } from '../webhook/patch-webhooks.ts'

/** Where Patchline is installed, or is about to be. */
export interface Installation {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  /** The Service that the API server calls. */
  readonly service: string
  /** Of both webhook configurations. */
  readonly configuration: string
}

/** A person or Helm waits for it; milliseconds for each request. */
const answerLimit = 15_000

/** An installation, and where a review is tried: Patchline's own namespace and that of the cluster's parts are never judged. */
interface Examined extends Installation {
  readonly tryIn: string
}

/**
 * Asks the API server whether it asks Patchline, by a dry run; resolves to what is wrong, or to nothing. Rejects with
 * KubernetesError where that cannot be told.
 */
export async function examine(installation: Examined, signal: AbortSignal): Promise<readonly string[]> {
  const problem = await problemOfReview(installation, signal)
  const causes = await problemsOfWebhooks(installation, signal)
  if (problem === undefined) return causes
  return [problem, ...causes, ...(await problemsOfService(installation, signal))]
}

const reviewer = 'policies.patchline.dev'

/**
 * An exception that ended long ago. The definition takes it, and Patchline never does: the refusal is the proof that the API
 * server reached it and trusts its certificate. It is never stored, for it is a dry run.
 */
const overdue = {
  apiVersion: 'patchline.dev/v1alpha1',
  kind: 'PatchException',
  metadata: { generateName: 'patchline-doctor-' },
  spec: {
    images: ['docker.io/library/nginx'],
    until: '2000-01-01T00:00:00Z',
    reason: 'patchline doctor sees whether the API server asks Patchline',
    owner: 'patchline doctor',
  },
} as const

async function problemOfReview(
  { kubeConfig, tryIn }: Examined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const what = `create a PatchException in ${tryIn} (dry run)`
  const path = `/apis/patchline.dev/v1alpha1/namespaces/${encodeURIComponent(tryIn)}/patchexceptions`
  const write = { method: 'POST', body: overdue } as const
  try {
    await callApi(
      kubeConfig,
      { what, path, query: { dryRun: 'All' }, write },
      withTimeout(signal, answerLimit),
    )
    return 'the API server takes a PatchException that is over without asking Patchline'
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error
    if (error.why.includes(`admission webhook "${reviewer}" denied the request`)) return undefined
    if (error.why.includes('failed calling webhook'))
      return `the API server cannot ask Patchline: ${error.why}`
    if (error.code === 'not-found')
      return `the definition of PatchException or the namespace ${tryIn} is not there, so no review can be tried`
    throw error
  }
}

async function problemsOfWebhooks(
  { kubeConfig, configuration }: Installation,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const resource of webhookResources) {
    const what = `get ${resource}/${configuration}`
    const path = pathOf(resource, configuration)
    try {
      // oxlint-disable-next-line eslint/no-await-in-loop -- two
      const found = await callApi(kubeConfig, { what, path }, withTimeout(signal, answerLimit))
      problems.push(...problemsOf(resource, configuration, parseWebhooks(found, what)))
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.code !== 'not-found') throw error
      // Without the mutating one, objects are not annotated: that may be wanted.
      if (resource === 'validatingwebhookconfigurations')
        problems.push(`there is no ${resource}/${configuration}`)
    }
  }
  return problems
}

const certsPatch = '`patchline certs --patch` or cert-manager writes it'

function problemsOf(
  resource: WebhookResource,
  configuration: string,
  webhooks: ReturnType<typeof parseWebhooks>,
): readonly string[] {
  return webhooks.flatMap(({ name, caBundle, path, url }) => [
    ...(caBundle === '' ? [`${resource}/${configuration}: ${name} has no caBundle: ${certsPatch}`] : []),
    ...(path === '' && url === undefined ? [`${resource}/${configuration}: ${name} has no path`] : []),
  ])
}

async function problemsOfService(
  { kubeConfig, namespace, service }: Installation,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`
  const query = { labelSelector: `kubernetes.io/service-name=${service}` }
  const what = `list endpoints of service ${namespace}/${service}`
  const found = await callApi(kubeConfig, { what, path, query }, withTimeout(signal, answerLimit))
  const endpoints = itemsOf(at(found, ['items'])).flatMap(slice => itemsOf(at(slice, ['endpoints'])))
  const isReady = endpoints.some(endpoint => at(endpoint, ['conditions', 'ready']) === true)
  return isReady ? [] : [`no pod of service ${namespace}/${service} is ready`]
}
