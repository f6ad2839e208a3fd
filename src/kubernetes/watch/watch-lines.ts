import type { IncomingMessage } from 'node:http'

/** An object in etcd is at most 1.5 MiB; its JSON stays well below this. */
const longestLine = 4_194_304

/**
 * The lines of a watch as they come; `onBytes` is told of every sign of life. Ends when the server ends the watch;
 * throws when the connection breaks, within a line too, and RangeError when a line does not end.
 */
export async function* linesOf(response: IncomingMessage, onBytes: () => void): AsyncGenerator<string> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response) {
    onBytes()
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw new RangeError(`a line is longer than ${longestLine} characters`)
    yield* lines.filter(line => line.trim() !== '')
  }
  if (rest.trim() !== '') throw new Error('the watch ended within a line')
}
