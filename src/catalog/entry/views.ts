import type { Access, PullCredentials } from '../../evaluation/index.ts'
import type { Repository } from '../../image/index.ts'
import { createFingerprint } from './fingerprint.ts'

/**
 * A repository as somebody may see it: everybody, who has certain credentials in a certain namespace, or every namespace that the
 * configuration's credentials are for. What one namespace learnt with its secret is told to no other.
 */
export interface View {
  readonly key: string
  /** Where its tags really are. */
  readonly repository: Repository
  /** None for the view that everybody shares. */
  readonly credentials: readonly PullCredentials[]
}

/** The views of repositories. */
export interface Views {
  shared(repository: Repository): View
  /** That of who has the credentials of an access; undefined where it has none for the repository. */
  own(repository: Repository, access: Access): View | undefined
}

/** Views of where repositories really are. */
export function createViews(locate: (repository: Repository) => Repository): Views {
  const fingerprint = createFingerprint()
  return {
    shared(asked) {
      const { registry, repository } = locate(asked)
      const located = { registry, repository }
      return { key: repositoryKey(located), repository: located, credentials: [] }
    },
    own(asked, access) {
      const { registry, repository } = locate(asked)
      const located = { registry, repository }
      const credentials = access.credentialsFor(located)
      if (credentials.length === 0) return undefined
      const isOne = credentials.every(({ configured }) => configured === true)
      const whose = isOne ? configuredView : access.namespace
      const key = `${repositoryKey(located)} ${whose} ${fingerprint(credentials)}`
      return { key, repository: located, credentials }
    },
  }
}

// No namespace can have this name.
const configuredView = '*'

/** Whether everybody may know what is in the view. */
export function isShared(view: View): boolean {
  return view.credentials.length === 0
}

/** One text for each repository. */
export function repositoryKey({ registry, repository }: Repository): string {
  return `${registry}/${repository}`
}
