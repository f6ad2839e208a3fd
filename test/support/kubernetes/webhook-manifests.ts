import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

const manifests = join(import.meta.dirname, '../../../manifests')

/** Where an API server finds a Patchline that runs outside its cluster. */
export interface WebhookAddress {
  /** `https://127.0.0.1:8443` */
  readonly origin: string
  /** PEM. */
  readonly authority: string
  /** Of both configurations; `patchline` if not given. */
  readonly name?: string
  /** The secret path below `/validate` and `/mutate`; none if not given. */
  readonly secretPath?: string | undefined
}

/** Both webhook configurations of manifests/ as YAML, with `url` in place of the service and the authority in them. */
export function webhookManifests({
  origin,
  authority,
  name = 'patchline',
  secretPath,
}: WebhookAddress): string {
  const below = secretPath === undefined ? '' : `/${secretPath}`
  const caBundle = Buffer.from(authority).toString('base64')
  const files = [
    ['validatingwebhookconfiguration.yaml', 'validate'],
    ['mutatingwebhookconfiguration.yaml', 'mutate'],
  ] as const
  return files
    .map(([file, endpoint]) => {
      const configuration = parse(readFileSync(join(manifests, file), 'utf8'))
      const webhooks = configuration.webhooks.map((webhook: object) => ({
        ...webhook,
        clientConfig: { url: `${origin}/${endpoint}${below}`, caBundle },
      }))
      return stringify({ ...configuration, metadata: { ...configuration.metadata, name }, webhooks })
    })
    .join('---\n')
}
