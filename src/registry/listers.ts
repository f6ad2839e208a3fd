import { createDockerHubLister, type DockerHubListerParts } from './docker-hub/docker-hub.ts'
import { createGitlabLister } from './gitlab/gitlab.ts'
import type { Lister } from './listing/lister.ts'
import { createOciLister } from './listing/oci-lister.ts'
import { createSliceMemory } from './listing/slice-memory.ts'
import type { RegistryKind } from './settings/settings.ts'

/** Lists by the registry's own API where its kind has one, which falls back by itself, else as the distribution specification has it. */
export function createLister(parts: Omit<DockerHubListerParts, 'fallback'>): Lister {
  const fallback = createOciLister(createSliceMemory(parts.now))
  const own: ReadonlyMap<RegistryKind, Lister> = new Map([
    ['docker-hub', createDockerHubLister({ ...parts, fallback })],
    ['gitlab', createGitlabLister({ fallback, now: parts.now })],
  ])
  return (listing, signal) => (own.get(listing.registry.kind) ?? fallback)(listing, signal)
}
