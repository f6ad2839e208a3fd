import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificates } from '../../../src/certificates/index.ts'
import { readReview } from '../../../src/admission/index.ts'

/** An HTTPS server that takes reviews and never answers. */
export interface HungWebhook {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string
  /** PEM. */
  readonly authority: string
  /** What was asked so far: `validate CREATE Deployment by alice`, in the order of arrival. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** Starts it on a free port. */
export async function startHungWebhook(): Promise<HungWebhook> {
  const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
  const asked: string[] = []
  const server = createServer({ cert: serving.certificate, key: serving.key }, request => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { operation, kind, user } = readReview(JSON.parse(Buffer.concat(chunks).toString()))
      const endpoint = request.url?.split('?')[0]?.slice(1) ?? ''
      asked.push(`${endpoint} ${operation} ${kind} by ${user.name}`)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `https://127.0.0.1:${portOf(server.address())}`,
    authority: ca.certificate,
    asked,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return address.port
}
