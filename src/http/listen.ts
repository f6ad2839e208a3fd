import type { AddressInfo } from 'node:net'

/** The part of a Fastify application that listening needs, whatever its server is. */
export interface Listenable {
  readonly server: { address(): AddressInfo | string | null }
  listen(where: { readonly host: string; readonly port: number }): PromiseLike<unknown>
}

/** Listens, and gives the port: the given one, unless that is 0. Rejects where the port cannot be had. */
export async function listen(app: Listenable, host: string, port: number): Promise<number> {
  await app.listen({ host, port })
  const address = app.server.address()
  return address === null || typeof address === 'string' ? port : address.port
}
