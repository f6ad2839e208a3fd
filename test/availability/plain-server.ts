// A webhook as Node.js makes it by default, to show what the suite finds: `plain-server.ts serve --config FILE`, of which it reads ports
// and certificates alone. It closes idle connections after five seconds, and at SIGTERM it closes at once.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { readFileSync } from 'node:fs'
import { json } from 'node:stream/consumers'
import { parse } from 'yaml'

const { webhook, operations } = parse(readFileSync(process.argv.at(-1) ?? '', 'utf8'))
const pair = { cert: readFileSync(webhook.certificateFile), key: readFileSync(webhook.keyFile) }

const server = createServer(pair, (request, response) => void answer(request, response))
server.listen(webhook.port, '127.0.0.1')
createHttpServer((_, response) => void response.end()).listen(operations.port, '127.0.0.1')

process.once('SIGTERM', () => {
  server.close(() => process.exit())
  setInterval(() => server.closeIdleConnections(), 50)
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { uid } = Object(await json(request)).request
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
  response.end(JSON.stringify({ ...review, response: { uid, allowed: true, warnings: ['plain'] } }))
}
