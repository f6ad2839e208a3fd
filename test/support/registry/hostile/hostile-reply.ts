/** What comes back for a request, to the byte. */
export interface HostileAnswer {
  /** Sent as fast as they are taken. */
  readonly chunks: Iterable<string | Uint8Array>
  /** What becomes of the connection after the last one. */
  readonly end: 'keep' | 'close' | 'reset' | 'hold'
  /** Milliseconds between two chunks. */
  readonly pause?: number
}

/** What an answer is made for; the same seed gives the same answer. */
export interface HostileRequest {
  readonly seed: number
  /** With the query. */
  readonly path: string
  /** As the client calls the server. */
  readonly host: string
  /** Hosts with a port where nothing may connect. */
  readonly forbidden: readonly string[]
}

/** A way to answer wrongly, or in a way that looks wrong. */
export interface HostileKind {
  /** As a part of a repository's name. */
  readonly name: string
  /** How often it comes among the others. */
  readonly weight: number
  answer(request: HostileRequest): HostileAnswer
  /** The tags, where the answer means some in spite of all; without it every look-up must fail. */
  tags?(seed: number): readonly string[]
}

/** The same numbers for the same seed: a linear congruential generator (Numerical Recipes), its low bits left out. */
export function randomOf(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 2_654_435_761) + 97) >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One of several, by the seed. */
export function pick<T>(seed: number, all: readonly [T, ...T[]]): T {
  return all[randomOf(seed)(all.length)] ?? all[0]
}

/** An answer with a status and a body of the right length. */
export function reply(status: number, body: string | Uint8Array, headers = ''): HostileAnswer {
  const type = headers.includes('content-type') ? '' : 'content-type: application/json\r\n'
  const length = `content-length: ${Buffer.byteLength(body)}`
  return { chunks: [`HTTP/1.1 ${status} X\r\n${type}${headers}${length}\r\n\r\n`, body], end: 'keep' }
}

/** A good answer. */
export function page(tags: readonly unknown[], headers = ''): HostileAnswer {
  return reply(200, JSON.stringify({ name: 'x', tags }), headers)
}
