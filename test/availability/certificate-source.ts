import { randomUUID, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { createAuthority, issueCertificate, type KeyPair } from '../cluster/certificates.ts'
import { until } from '../cluster/tools.ts'
import type { LocalWebhook } from '../support/program/local-patchline.ts'
import { serviceName, type ApiServers } from './api-servers.ts'

/** The certificates of a webhook with several replicas, whatever makes and replaces them. */
export interface CertificateSource {
  /** What `webhook` in the configuration of each replica says. */
  readonly replicas: readonly LocalWebhook[]
  /** Gives the API servers the first bundle, and from then on each later one. `ports` are those of the replicas. */
  start(apiServers: Pick<ApiServers, 'publish'>, ports: readonly number[]): Promise<Rotations>
}

/** Replaces certificates. */
export interface Rotations {
  /** Replaces the authority; when it resolves, each replica serves with a leaf of the new one. */
  authority(): Promise<void>
  /** Replaces the leaf; when it resolves, each replica serves with the new one. */
  leaf(): Promise<void>
}

interface FilesOptions {
  readonly directory: string
  readonly replicas: number
  /** How long to wait for the API server that learns last of a bundle, in milliseconds. */
  readonly slowest: number
  /** Whether the new leaf comes before each API server knows its authority: what must not be done. */
  readonly isHasty?: boolean
}

/** Files, as an administrator or cert-manager replaces them in a Secret, and the kubelet in each pod a moment later. */
export function filesSource(options: FilesOptions): CertificateSource {
  const { directory, replicas } = options
  const folders = Array.from({ length: replicas }, (_, at) => join(directory, `replica-${at}`))
  const authority = createAuthority('authority-0')
  const leaf = leafOf(authority)
  for (const folder of folders) writeVolume(folder, leaf)
  return {
    replicas: folders.map(folder => ({
      certificateFile: join(folder, 'tls.crt'),
      keyFile: join(folder, 'tls.key'),
    })),
    async start(apiServers, ports) {
      apiServers.publish(authority.certificate)
      await served(ports, leaf)
      return rotations({ ...options, apiServers, ports, folders, authority })
    },
  }
}

interface Rotating extends FilesOptions {
  readonly apiServers: Pick<ApiServers, 'publish'>
  readonly ports: readonly number[]
  readonly folders: readonly string[]
  readonly authority: KeyPair
}

function rotations({ slowest, isHasty = false, apiServers, ports, folders, ...first }: Rotating): Rotations {
  let { authority } = first
  let authorities = 1
  async function leaf(): Promise<void> {
    const next = leafOf(authority)
    for (const folder of folders) {
      writeVolume(folder, next)
      await sleep(100) // each kubelet writes at a time of its own
    }
    await served(ports, next)
  }
  return {
    leaf,
    async authority() {
      const old = authority
      authority = createAuthority(`authority-${authorities++}`)
      apiServers.publish(old.certificate + authority.certificate)
      if (!isHasty) await sleep(slowest)
      await leaf()
      // No leaf of the old one is served any more; when each API server learns of this does not matter.
      apiServers.publish(authority.certificate)
    },
  }
}

function leafOf(authority: KeyPair): KeyPair {
  return issueCertificate(authority, { commonName: 'patchline', hosts: [serviceName] })
}

const patience = 300_000 // milliseconds: half a second on an idle machine

/** Waits until each port serves with a certificate. */
async function served(ports: readonly number[], { certificate }: KeyPair): Promise<void> {
  const { fingerprint256 } = new X509Certificate(certificate)
  for (const port of ports)
    await until('the new leaf', async () => (await fingerprintAt(port)) === fingerprint256, patience)
}

/** As the kubelet writes a volume: a new directory, and a link that is exchanged at once for all files. */
function writeVolume(folder: string, { certificate, privateKey }: KeyPair): void {
  const data = `..${randomUUID()}`
  mkdirSync(join(folder, data), { recursive: true })
  writeFileSync(join(folder, data, 'tls.crt'), certificate)
  writeFileSync(join(folder, data, 'tls.key'), privateKey)
  symlinkSync(data, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  for (const file of ['tls.crt', 'tls.key'])
    if (!existsSync(join(folder, file))) symlinkSync(join('..data', file), join(folder, file))
}

/** The fingerprint of the certificate that a port serves with. */
function fingerprintAt(port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256)
      socket.destroy()
    })
    socket.on('error', () => resolve(undefined))
  })
}
