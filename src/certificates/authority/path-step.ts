import type { SecretData } from './stored-authorities.ts'
import { CertificateError } from '../x509/certificate-error.ts'
import { isWebhookPath, nextWebhookPaths, parseWebhookPaths } from '../files/webhook-paths.ts'
import { textOf, member } from '../../json/index.ts'

/** What the Secret of the secret paths holds. */
export type StoredPaths =
  | { readonly kind: 'none' }
  | { readonly kind: 'usable'; readonly paths: readonly string[] }
  | { readonly kind: 'broken'; readonly problem: CertificateError }

/** The key of the Secret. */
export const pathKey = 'path'

/** Reads the paths of a Secret, one a line; one without any holds none. */
export function readPaths(data: SecretData): StoredPaths {
  const text = textOf(member(data, pathKey))
  if (text.trim() === '') return { kind: 'none' }
  try {
    return { kind: 'usable', paths: parseWebhookPaths(text, `key ${pathKey}`) }
  } catch (error) {
    if (error instanceof CertificateError) return { kind: 'broken', problem: error }
    throw error
  }
}

/** What the leader knows of the paths. */
export interface PathSituation {
  readonly stored: StoredPaths
  /** The secret path of each webhook that is ours to write; empty where it has none. */
  readonly paths: readonly string[]
  /** For how many milliseconds the Secret has held these paths, as far as this leader saw. */
  readonly storedFor: number
}

/** The next step towards a path that replicas accept and webhooks have. */
export type PathStep =
  | { readonly do: 'store'; readonly paths: readonly string[] }
  | { readonly do: 'publish'; readonly path: string }
  | { readonly do: 'none' }
  | { readonly do: 'report'; readonly why: string }

/**
 * Replicas accept a path before webhooks have it. One that webhooks have already stays accepted, and in use until all replicas
 * know the new one, also those of an older source, which read another Secret.
 */
export function nextPathStep(
  { stored, paths, storedFor }: PathSituation,
  { pathTakeover }: { readonly pathTakeover: number },
): PathStep {
  switch (stored.kind) {
    case 'broken':
      return { do: 'report', why: stored.problem.message }
    case 'none':
      return { do: 'store', paths: [...nextWebhookPaths([], false), ...new Set(paths.filter(isWebhookPath))] }
    case 'usable': {
      const [first = ''] = stored.paths
      if (paths.every(path => path === first)) return { do: 'none' }
      // A path that no replica of ours accepts is worth no wait.
      const isInUse = paths.every(path => stored.paths.includes(path))
      return isInUse && storedFor < pathTakeover ? { do: 'none' } : { do: 'publish', path: first }
    }
  }
}
