import type { MakeProvider, Registry } from '../settings/registry.ts'
import type { CredentialProvider, ProviderSettings } from '../settings/settings.ts'
import type { CloudParts } from './cloud-token.ts'

/** Creates the credential providers of registries; the code of a cloud is loaded when its credentials are first needed. */
export function createCloudProviders(parts: CloudParts): MakeProvider {
  return (settings, registry) => {
    let loaded: Promise<CredentialProvider> | undefined
    return {
      async credentials(signal) {
        loaded ??= load(settings, registry, parts)
        const provider = await loaded
        return provider.credentials(signal)
      },
    }
  }
}

async function load(
  settings: ProviderSettings,
  registry: Registry,
  parts: CloudParts,
): Promise<CredentialProvider> {
  switch (settings.kind) {
    case 'ecr': {
      const { createEcrProvider } = await import('./cloud-ecr.ts')
      return createEcrProvider(registry, parts)
    }
    case 'gar': {
      const { createGarProvider } = await import('./cloud-gar.ts')
      return createGarProvider(settings, registry, parts)
    }
    case 'acr': {
      const { createAcrProvider } = await import('./cloud-acr.ts')
      return createAcrProvider(settings, registry, parts)
    }
  }
}
