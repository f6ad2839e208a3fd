import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { KeyPair } from '../../src/certificates/index.ts'
import { startPatchline, type LocalPatchline, type ProgramAsRun } from '../support/program/local-patchline.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'

/** Webhooks before the API servers of {@link startApiServers}, and the image that they are asked about. */
export interface Webhooks {
  /** One patch behind. */
  readonly image: string
  /** Starts one more replica, which ends with the test. */
  replica(run: ProgramAsRun): Promise<LocalPatchline>
}

/** A registry with an image, and no webhook yet. */
export async function startWebhooks(t: Test): Promise<Webhooks> {
  const registry = await startMemoryRegistry({ repositories: { nginx: ['1.25.1', '1.25.5'] } })
  const replicas = new Set<LocalPatchline>()
  t.teardown(async () => {
    await Promise.all([...replicas].map(replica => replica.close()))
    await registry.close()
  })
  const configuration = `
publicRegistries: false
registries: [{ host: '${registry.host}', insecure: true }]
kubernetes: { namespaceLabels: 'off', policies: 'off', pullSecrets: 'off' }
log: { level: error }
`
  return {
    image: `${registry.host}/nginx:1.25.1`,
    async replica(run) {
      const replica = await startPatchline(configuration, run)
      replicas.add(replica)
      return replica
    },
  }
}

/** The port of a replica's webhook. */
export const portOf = ({ origin }: LocalPatchline): number => Number(new URL(origin).port)

/** Where API servers find a replica. */
export const endpointOf = (replica: LocalPatchline): string => new URL(replica.origin).host

/** Writes a pair into a folder: what `webhook` in a configuration says of it. */
export function servingFiles(
  directory: string,
  { certificate, key }: KeyPair,
): { readonly certificateFile: string; readonly keyFile: string } {
  const files = { certificateFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') }
  writeFileSync(files.certificateFile, certificate)
  writeFileSync(files.keyFile, key)
  return files
}
