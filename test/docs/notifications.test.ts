import t from 'tap'
import { plainText } from '../../src/channels/message/html.ts'
import { renderMessage } from '../../src/channels/message/rendered-message.ts'
import { messages } from '../channels/messages.ts'
import { textOf } from './commands.ts'

// The messages that docs/notifications.md shows are those that a mail would have.

for (const name of ['first', 'change'] as const)
  t.test(`the message ${name}`, async t => {
    const rendered = renderMessage(messages[name], { commands: 'set-image', mostImages: 100 })
    const written = plainText(rendered)
    t.match(textOf('docs/notifications.md'), `<!-- message ${name} -->\n\`\`\`text\n${written}\n\`\`\`\n`)
  })
