import type { Session } from '../auth/session.ts'
import { checkRegistryStatus } from '../auth/status.ts'
import { invalidResponse } from '../response/registry-error.ts'
import { headerOf, type RegistryResponse } from '../response/response.ts'
import type { Registry } from '../settings/registry.ts'
import { acceptedManifests, digestLike, isDigest } from './manifest.ts'

/** Of which repository a manifest is asked for, and how. */
export interface ManifestPlace {
  readonly registry: Registry
  readonly repository: string
  readonly session: Session
}

/** Asks for a manifest by a tag or a digest; the answer has status 200 or 404. */
export async function sendForManifest(
  { registry, repository, session }: ManifestPlace,
  { method, reference }: { readonly method: 'GET' | 'HEAD'; readonly reference: string },
  signal: AbortSignal,
): Promise<RegistryResponse> {
  const url = new URL(`/v2/${repository}/manifests/${reference}`, registry.origin)
  const headers = { accept: acceptedManifests }
  const response = await session.send({ registry, url, method, headers }, signal)
  checkRegistryStatus(response, 200, 404)
  return response
}

/**
 * The digest of a manifest that came by GET.
 * @throws RegistryError where it is another one than was asked for, or than the answer says, and where it is too large.
 */
export function digestOfManifest(response: RegistryResponse, asked: string | undefined): string {
  const { body } = response
  if (body.length > largestManifest)
    throw invalidResponse(`its manifest is larger than ${largestManifest} bytes`)
  const named = asked ?? headerOf(response, 'docker-content-digest')
  const digest = digestLike(named ?? 'sha256:', body)
  if (isDigest(named) && named !== digest) throw invalidResponse('its manifest is not the one of its digest')
  return digest
}

/** Whether a registry counts every GET of a manifest against what an address or an account may pull, as Docker Hub does; HEAD is free. */
export function countsPulls({ kind, origin }: Registry): boolean {
  return kind === 'docker-hub' || /(?:^|\.)docker\.io$/.test(new URL(origin).hostname)
}

// Registries must take manifests of 4 MiB, and most take no larger ones (distribution specification, "Pushing Manifests").
const largestManifest = 4 * 1024 * 1024
