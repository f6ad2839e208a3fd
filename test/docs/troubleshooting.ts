import { textOf } from './commands.ts'

/**
 * The messages of docs/troubleshooting.md by who says them: each as the pieces between its `…`. Those of Kubernetes are checked
 * where Kubernetes is.
 */
export function messagesOf(who: 'messages' | 'kubernetes'): ReadonlyMap<string, readonly string[]> {
  const tables = textOf('docs/troubleshooting.md').matchAll(
    new RegExp(String.raw`^<!-- ${who} -->\n([\s\S]*?)^<!-- end -->$`, 'gm'),
  )
  const cells = [...tables].flatMap(([, table = '']) =>
    table
      .split('\n')
      .slice(2) // without the heading
      .map(row => row.split('|')[1] ?? ''),
  )
  const messages = cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message))
  return new Map(messages.map(message => [message, piecesOf(message)]))
}

function piecesOf(message: string): readonly string[] {
  return message
    .split('…')
    .map(piece => piece.trim())
    .filter(piece => /\w/.test(piece))
}
