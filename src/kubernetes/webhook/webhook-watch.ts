import type { KubeConfig } from '@kubernetes/client-node'
import { at, isJsonObject, itemsOf, member, textOf } from '../../json/index.ts'
import type { KubernetesError } from '../api/kubernetes-error.ts'
import { grantOf, type ListSpec, type ListWatchTiming } from '../watch/list-spec.ts'
import { ListWatch } from '../watch/list-watch.ts'
import { endpoints } from './patch-webhook-path.ts'
import { parseWebhooks, webhookResources, type WebhookResource } from './patch-webhooks.ts'

/** A webhook configuration as it is in the cluster: the fields of its webhooks that Patchline writes, and who else writes it. */
export interface WebhookConfigurationState {
  readonly resource: WebhookResource
  readonly webhooks: readonly {
    /** PEM, as it is; empty where there is none. */
    readonly bundle: string
    /** The secret path; empty where there is none. */
    readonly secretPath: string
  }[]
  /** The annotation by which cert-manager writes the bundle; undefined: it does not. */
  readonly injectedBy: string | undefined
  /** The field managers that wrote it besides Patchline, the last one first. */
  readonly otherWriters: readonly string[]
}

/** Both webhook configurations, kept current. */
export interface WatchedWebhooks {
  /** Those that there are; undefined before both were looked for. */
  configurations(): readonly WebhookConfigurationState[] | undefined
  /** Begins to watch; resolves with the first lists, or some seconds later. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Which configurations, and what is called. */
export interface WebhookWatchOptions {
  readonly kubeConfig: KubeConfig
  /** Of both. */
  readonly name: string
  readonly onChange: () => void
  readonly onProblem: (problem: KubernetesError) => void
}

/** Creates the watch of both webhook configurations of a name. */
export function createWebhookWatch(options: WebhookWatchOptions): WatchedWebhooks {
  const watches = webhookResources.map(resource => watchOne(resource, options))
  return {
    configurations() {
      if (!watches.every(({ watch }) => watch.synced)) return undefined
      return watches.flatMap(({ current }) => current() ?? [])
    },
    start: async () => void (await Promise.all(watches.map(({ watch }) => watch.start()))),
    close: async () => void (await Promise.all(watches.map(({ watch }) => watch.close()))),
  }
}

function watchOne(resource: WebhookResource, { kubeConfig, name, onChange, onProblem }: WebhookWatchOptions) {
  let current: WebhookConfigurationState | undefined
  const hold = (state: WebhookConfigurationState | undefined): void => {
    current = state
    onChange()
  }
  const watch = new ListWatch({
    kubeConfig,
    versions: [specOf(resource, name)],
    sink: { replace: all => hold(all[0]), set: hold, delete: () => hold(undefined) },
    onProblem,
    timing: timing(),
  })
  return { watch, current: () => current }
}

const group = 'admissionregistration.k8s.io'

function specOf(resource: WebhookResource, name: string): ListSpec<WebhookConfigurationState> {
  return {
    what: `${resource}/${name}`,
    path: `/apis/${group}/v1/${resource}`,
    fieldSelector: `metadata.name=${name}`,
    grant: grantOf({ group, resource, namespace: undefined, name }),
    pageSize: 10,
    mostPages: 1,
    shape: { members: { metadata: 'whole', webhooks: 'whole' } },
    read: (object, what) => stateOf(object, what, resource),
  }
}

// https://cert-manager.io/docs/concepts/ca-injector/
const injections = ['inject-ca-from', 'inject-ca-from-secret', 'inject-apiserver-ca'].map(
  name => `cert-manager.io/${name}`,
)

function stateOf(object: unknown, what: string, resource: WebhookResource): WebhookConfigurationState {
  const annotations = at(object, ['metadata', 'annotations'])
  return {
    resource,
    webhooks: parseWebhooks(object, what).map(({ caBundle, url, path }) => ({
      bundle: Buffer.from(caBundle, 'base64').toString('latin1'),
      secretPath: secretPathIn(url === undefined ? path : new URL(url).pathname, resource),
    })),
    injectedBy: injections.find(name => member(annotations, name) !== undefined),
    otherWriters: otherWriters(itemsOf(at(object, ['metadata', 'managedFields']))),
  }
}

function secretPathIn(path: string, resource: WebhookResource): string {
  const [, secret = ''] = path.split(`/${endpoints[resource]}/`)
  return secret
}

// Each client of the API server that gives no other name is called by its User-Agent, as this one is.
const ownManager = 'patchline'

function otherWriters(managed: readonly unknown[]): readonly string[] {
  const others = managed
    .filter(isJsonObject)
    .map(entry => ({ manager: textOf(entry['manager']), time: textOf(entry['time']) }))
    .filter(({ manager }) => manager !== ownManager && manager !== '')
    .toSorted((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0))
  return [...new Set(others.map(({ manager }) => manager))]
}

const timing = (): ListWatchTiming => ({
  answerLimit: 10_000,
  watchSeconds: 300 + Math.floor(Math.random() * 300),
  silenceLimit: 150_000,
  // A repair is due within seconds, also after the connection broke.
  first: 500,
  most: 5_000,
  firstListLimit: 5_000,
})
