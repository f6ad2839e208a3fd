import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

import type { Test } from 'tap'

import { createCatalog, type Catalog } from '../../../../src/catalog/index.ts'
import type { Access, PullCredentials } from '../../../../src/evaluation/index.ts'
import type {
  RegistryClient,
  RegistryClientOptions,
  RegistrySettings,
} from '../../../../src/registry/index.ts'
import { textsOf, type LearnedTags } from '../../../../src/version/index.ts'
import type { ReceivedRequest } from '../memory-registry.ts'
import { portError, registryClient } from '../registry-fixture.ts'

/** Where this process tried to connect to from now on, `address:port` each, whether or not anybody listens there. */
export function watchConnections(t: Test): { attempts(): readonly string[] } {
  const attempts: string[] = []
  const onSocket = (message: unknown): void => {
    const { socket }: { readonly socket: Socket } = Object(message)
    socket.on('connectionAttempt', (address: string, port: number) => attempts.push(`${address}:${port}`))
  }
  subscribe('net.client.socket', onSocket)
  t.teardown(() => unsubscribe('net.client.socket', onSocket))
  return { attempts: () => attempts }
}

/** A client and a catalog together, as the process has them. */
export interface Scene {
  readonly client: RegistryClient
  readonly catalog: Catalog
  readonly now: () => number
  /** Sets the clock forward, in milliseconds. */
  readonly pass: (milliseconds: number) => void
  /** Waits until no look-up is under way. */
  readonly settle: () => Promise<void>
}

type Options = Partial<Omit<RegistryClientOptions, 'registries' | 'userAgent' | 'now'>>

/** A scene that ends with the test. */
export function hostileScene(t: Test, registries: readonly RegistrySettings[], options: Options = {}): Scene {
  let offset = 0
  const now = (): number => Date.now() + offset
  const client = registryClient(t, registries, { ...options, now })
  const catalog = createCatalog(client, {
    now,
    random: () => 0.5,
    registries: client.hosts(),
    refusal: repository => client.refusal(repository),
    locate: repository => client.locate(repository),
  })
  t.teardown(() => catalog.close())
  return {
    client,
    catalog,
    now,
    pass(milliseconds) {
      offset += milliseconds
    },
    async settle() {
      while (catalog.size().lookUps > 0) await new Promise(resolve => setImmediate(resolve))
    },
  }
}

/** The access of a namespace with these credentials for whatever is asked. */
export function accessWith(namespace: string, ...credentials: readonly PullCredentials[]): Access {
  return { namespace, credentialsFor: () => credentials, problems: [] }
}

/** The tags of an index, sorted. */
export function tagsOf(index: LearnedTags | undefined): readonly string[] | undefined {
  return index === undefined ? undefined : textsOf(index.list).toSorted()
}

/** `code: message` of a look-up that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  const { code, message } = await portError(promise)
  return `${code}: ${message}`
}

/** Which secrets stand in what was received, in any form in which they are sent. */
export function leaksIn(
  received: string | readonly ReceivedRequest[],
  secrets: readonly string[],
): readonly string[] {
  const text = typeof received === 'string' ? received : JSON.stringify(received)
  const decoded = [...text.matchAll(/Basic ([A-Za-z0-9+/=]+)/g)].map(([, coded = '']) =>
    Buffer.from(coded, 'base64').toString(),
  )
  const all = [text, ...decoded].join('\n')
  return secrets.filter(secret => all.includes(secret) || all.includes(encodeURIComponent(secret)))
}
