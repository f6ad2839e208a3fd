/** An answer of the webhook, as far as the benchmarks look at it. */
export interface Answer {
  readonly status: number
  readonly body: string
}

const headEnd = '\r\n\r\n'

/** A review as kube-apiserver sends it. */
export function requestBytes(port: number, body: string): Buffer {
  const lines = [
    'POST /validate?timeout=10s HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'User-Agent: kube-apiserver-admission',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ]
  return Buffer.from(`${lines.join('\r\n')}${headEnd}${body}`)
}

/** The answer at the beginning of the bytes; undefined until all of it is there. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
  const start = end + headEnd.length
  if (bytes.length < start + length) return undefined
  return {
    status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)),
    body: bytes.toString('utf8', start, start + length),
  }
}
