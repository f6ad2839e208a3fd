// The least that a webhook in Node can do: collect the body, parse it, answer. Arguments: certificate, key, answer (files).
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { serveParent } from './child.ts'

const [cert = '', key = '', answer = ''] = process.argv.slice(2).map(path => readFileSync(path, 'utf8'))
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }

const server = createServer({ cert, key }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString('utf8'))
    response.writeHead(200, headers)
    response.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  serveParent(port, async () => {
    server.closeAllConnections()
    server.close()
  })
})
