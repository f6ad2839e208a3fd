import { globSync } from 'node:fs'
import t from 'tap'
import { root, textOf } from './commands.ts'
import { messagesOf } from './troubleshooting.ts'

const sources = globSync('src/**/*.ts', { cwd: root }).map(textOf)

t.test('every message of docs/troubleshooting.md is in the source', async t => {
  const messages = messagesOf('messages')
  t.ok(messages.size > 60)
  for (const [message, pieces] of messages)
    t.ok(
      pieces.length > 0 && sources.some(text => pieces.every(piece => text.includes(piece))),
      `${message}: ${pieces.join(' … ')}`,
    )
})
