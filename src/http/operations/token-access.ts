import { createHash, timingSafeEqual } from 'node:crypto'
import type { ReadAccess, Verb } from './read-access.ts'

/** A token of the configuration. */
export interface AccessToken {
  readonly name: string
  readonly token: string
  /** Whether its bearer may also change what is watched. */
  readonly write: boolean
}

/** Creates an access by the tokens of the configuration: each may read everything, some may write. */
export function createTokenAccess(tokens: readonly AccessToken[]): ReadAccess {
  const known = tokens.map(({ token, write }) => ({ hash: hashOf(token), write }))
  return {
    async mayRead(token = '', _path, verb = 'get') {
      const hash = hashOf(token)
      // All are compared, each in constant time: how long it takes says nothing about any of them.
      const matching = known.filter(one => timingSafeEqual(one.hash, hash))
      if (matching.length === 0) return 'unauthenticated'
      return isRead(verb) || matching.some(({ write }) => write) ? 'allowed' : 'forbidden'
    },
  }
}

// Questions with many images are asked by POST.
function isRead(verb: Verb): boolean {
  return verb === 'get' || verb === 'post'
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
