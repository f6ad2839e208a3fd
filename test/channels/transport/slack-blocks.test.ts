import * as fc from 'fast-check'
import t from 'tap'
import { renderMessage } from '../../../src/channels/message/rendered-message.ts'
import { slackMessageOf, type SlackMessage } from '../../../src/channels/transport/slack.ts'
import { remedyFor } from '../../../src/notification/advice.ts'
import type { Message } from '../../../src/notification/index.ts'
import type { Row } from '../../notification/reports.ts'
import { messageWith, messages, findings, hostileMessages, hostileRows } from '../messages.ts'

function slack(given: Message): SlackMessage {
  return slackMessageOf(renderMessage(given, { commands: 'set-image', mostImages: 30 }))
}

const header = (text: string): unknown => ({ type: 'header', text: { type: 'plain_text', text } })
const section = (...lines: readonly string[]): unknown => ({
  type: 'section',
  text: { type: 'mrkdwn', text: lines.join('\n'), verbatim: true },
})
const golden: readonly (readonly [keyof typeof messages, string, readonly unknown[]])[] = [
  [
    'first',
    'patchline (prod-eu): new: nginx 1.25.5, ghcr.io/acme/migrate 2.0.3, busybox 1.36.1 and 1 more; 12 of 240 containers are outdated',
    [
      section(
        '*New*',
        '• `nginx 1.25.1` -&gt; 1.25.5: 2 workloads (4 versions behind, for 20 days) (<https://hub.docker.com/_/nginx/tags?name=1.25.5|tags>)',
        '    shop: deployment/cart, deployment/web',
        '```kubectl -n shop set image deployment/web web=nginx:1.25.5```',
        '    _Helm release shop (chart shop-2.1.0) manages it: set the tag in its values, often image.tag=1.25.5_',
        '• `ghcr.io/acme/migrate 2.0.0` -&gt; 2.0.3 (4 versions behind, for 2 days) (<https://ghcr.io/acme/migrate|tags>)',
        '    shop: deployment/web',
        '```kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3```',
        '• `busybox 1.36.0` -&gt; 1.36.1 (4 versions behind, for 5 hours) (<https://hub.docker.com/_/busybox/tags?name=1.36.1|tags>)',
        '    batch: cronjob/nightly',
        '```kubectl -n batch set image cronjob/nightly run=busybox:1.36.1```',
        '• `redis 7` has moved on: restart to pull it anew (<https://hub.docker.com/_/redis/tags|tags>)',
        '    batch: deployment/queue',
      ),
      section('12 of 240 containers are outdated, 3 for more than 14 days'),
    ],
  ],
  [
    'change',
    'patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated',
    [
      section(
        '*New*',
        '• `busybox 1.36.0` -&gt; 1.36.1 (4 versions behind, for 5 hours) (<https://hub.docker.com/_/busybox/tags?name=1.36.1|tags>)',
        '    batch: cronjob/nightly',
        '```kubectl -n batch set image cronjob/nightly run=busybox:1.36.1```',
      ),
      section(
        '*A still newer tag*',
        '• `nginx 1.25.1` -&gt; 1.25.6 (4 versions behind, for 20 days) (<https://hub.docker.com/_/nginx/tags?name=1.25.6|tags>)',
        '    shop: deployment/web',
        '```kubectl -n shop set image deployment/web web=nginx:1.25.6```',
      ),
      section('*Resolved*', '• `nginx 1.25.1`: now nginx:1.25.5', '    shop: deployment/cart'),
      section('*Removed*', '• `quay.io/acme/gone 3.0.1` is there no more', '    shop: deployment/gone'),
      section(
        '*Cannot be checked*',
        '• `registry.acme.test/report 1.0.0`: its registry does not answer',
        '    batch: deployment/report',
      ),
      section('1 of 240 containers is outdated, 2 snoozed, 1 skipped, 1 cannot be checked'),
    ],
  ],
  [
    'emergency',
    'patchline (prod-eu): 2 break-glass, 1 break-glass over, 1 removed; 12 of 240 containers are outdated, 3 for more than 14 days',
    [
      section(
        '*Break-glass*',
        '• `nginx 1.25.1` (2 workloads): not refused by policy strict because of break-glass: INC-4711, the &lt;shop&gt; is down',
        '    shop: deployment/cart, deployment/web',
        '• `ghcr.io/acme/migrate 2.0.0`: not refused by policy strict because of break-glass: INC-4711, the &lt;shop&gt; is down',
        '    batch: deployment/web',
      ),
      section(
        '*Resolved*',
        '• `busybox 1.36.0`: break-glass is over (policy strict: INC-4711, the &lt;shop&gt; is down)',
        '    batch: cronjob/nightly',
      ),
      section(
        '*Removed*',
        '• `nginx 1.25.1` is there no more: break-glass is over (policy strict: INC-4711, the &lt;shop&gt; is down)',
        '    shop: deployment/gone',
      ),
      section('12 of 240 containers are outdated, 3 for more than 14 days'),
    ],
  ],
  [
    'linked',
    'patchline (prod-eu): new: ghcr.io/acme/migrate 2.0.3, registry.acme.test/report 1.0.2; 12 of 240 containers are outdated, 3 for more than 14 days',
    [
      section(
        '*New*',
        '• `ghcr.io/acme/migrate 2.0.0` -&gt; 2.0.3 (4 versions behind, for 2 days) (<https://ghcr.io/acme/migrate|tags>, <https://github.com/acme/migrate/releases|release notes>)',
        '    shop: deployment/web',
        '```kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3```',
        '• `registry.acme.test/report 1.0.0` -&gt; 1.0.2 (4 versions behind) (<https://git.acme.test/shop/report|source>)',
        '    batch: deployment/report',
        '```kubectl -n batch set image deployment/report web=registry.acme.test/report:1.0.2```',
      ),
      section('12 of 240 containers are outdated, 3 for more than 14 days'),
    ],
  ],
  [
    'reminder',
    'patchline (prod-eu): reminder: 12 of 240 containers are outdated, 3 for more than 14 days',
    [
      section(
        '*Still outdated*',
        '• `nginx 1.25.1` -&gt; 1.25.5 (4 versions behind, for 20 days) (<https://hub.docker.com/_/nginx/tags?name=1.25.5|tags>)',
        '    shop: deployment/web',
        '```kubectl -n shop set image deployment/web web=nginx:1.25.5```',
      ),
    ],
  ],
  ['heartbeat', 'patchline (prod-eu): all 240 containers are up to date', []],
  [
    'old lists',
    'patchline (prod-eu): none of 240 containers is known to be outdated, 1 names a tag that does not exist, 5 judged by old lists (oldest 26h)',
    [],
  ],
]

for (const [what, text, sections] of golden)
  t.test(`the message of a ${what}`, async t => {
    const expected = { text, blocks: [header(text), ...sections], unfurl_links: false, unfurl_media: false }
    t.strictSame(slack(messages[what]), expected)
  })

function textsOf({ blocks }: SlackMessage): readonly string[] {
  return blocks.flatMap(({ type, text }) => (type === 'section' ? [text.text] : []))
}

// Throws what is wrong with a message: limits of docs.slack.dev, live marks, and code that does not end.
function judge(message: SlackMessage): void {
  const { text, blocks } = message
  if (blocks.length > 50) throw new Error(`${blocks.length} blocks`)
  for (const { type, text: of } of blocks) {
    const most = type === 'header' ? 150 : 3_000
    if (of.text.length < 1 || of.text.length > most) throw new Error(`a ${type} of ${of.text.length}`)
  }
  const together = text.length + blocks.reduce((sum, block) => sum + block.text.text.length, 0)
  if (together > 10_000) throw new Error(`${together} characters together`)
  for (const marked of [text, ...textsOf(message)]) {
    const ours =
      /<https:\/\/(?:hub\.docker\.com|quay\.io|ghcr\.io)\/[a-z0-9._/-]+(?:\?tab=tags(?:&amp;tag=[\w.-]+)?|\?name=[\w.-]+)?\|tags>/g
    const project = /<https:\/\/[\w.~%+@:/-]+\|(?:release notes|source)>/g
    if (/[<>]|&(?!amp;|lt;|gt;)/.test(marked.replaceAll(ours, '').replaceAll(project, '')))
      throw new Error(`live marks in ${JSON.stringify(marked)}`)
    judgeCode(marked)
  }
}

function judgeCode(marked: string): void {
  for (const line of marked.split('\n')) {
    const outside = line.replace(/^```[^`]+```$/, '')
    const ticks = outside.split('`').length - 1
    if (ticks % 2 !== 0 || outside.includes('``'))
      throw new Error(`code does not end in ${JSON.stringify(line)}`)
  }
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(marked.replaceAll('\n', '')))
    throw new Error('characters that do not print')
}

t.test('names from a hostile cluster mark nothing', async () => {
  fc.assert(
    fc.property(hostileMessages(40), given => judge(slack(given))),
    { numRuns: 60 },
  )
})

t.test('5000 findings with such names are within every limit, and every list is told of', async t => {
  for (const rows of fc.sample(hostileRows(5_000), { numRuns: 4, seed: 7 })) {
    const list = findings(
      rows.map((row, at) => ({ ...row, namespace: `ns-${at}`, image: `acme/w${at}:1.0.0` })),
    )
    const failing = list.map(finding => ({ ...finding, kind: 'failing', detail: '```<!here>' }) as const)
    const message = slack(
      messageWith({
        occasion: 'reminder',
        appeared: list,
        changed: list,
        resolved: list,
        failing,
        remaining: list,
      }),
    )
    judge(message)
    for (const title of ['New', 'A still newer tag', 'Resolved', 'Cannot be checked', 'Still outdated']) {
      const own = textsOf(message).findIndex(text => text.startsWith(`*${title}*`))
      t.ok(own >= 0, title)
    }
    const counts = textsOf(message).flatMap(text => /\nand (\d+) more$/.exec(text)?.[1] ?? [])
    t.equal(counts.length, 5)
    const told = textsOf(message).join('\n').match(/^• /gm)?.length ?? 0
    t.equal(
      counts.reduce((sum, count) => sum + Number(count), told),
      5 * list.length,
      'told or counted',
    )
  }
})

t.test('commands are as they were, or not there', async () => {
  fc.assert(
    fc.property(hostileRows(3), rows => {
      const list = findings(rows.map((row, at) => ({ ...row, kind: 'Deployment', name: `${at}${row.name}` })))
      const commands = new Set(list.map(finding => remedyFor([finding], 'set-image').command))
      const shown = textsOf(slack(messageWith({ appeared: list })))
        .flatMap(text => [...text.matchAll(/^```(.*)```$/gm)])
        .map(([, code = '']) => code.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
      for (const command of shown) if (!commands.has(command)) throw new Error(`${command} was changed`)
    }),
  )
})

const kept: readonly (readonly [what: string, row: Row, isShown: boolean])[] = [
  ['names of Kubernetes', {}, true],
  ['an address in brackets', { image: '[::1]:5000/nginx:1.25.1' }, true],
  ['marks', { namespace: 'a < b & c > d' }, false],
  ['a fence', { namespace: 'a```b' }, false],
  ['a line break', { namespace: 'a\nb' }, false],
  ['letters that look like others', { namespace: 'größe' }, false],
]

for (const [what, row, isShown] of kept)
  t.test(`a command with ${what} is ${isShown ? 'whole' : 'left out'}`, async t => {
    const appeared = findings([{ ...row, newest: '1.25.5' }])
    const { command } = remedyFor(appeared, 'set-image')
    const code = /^```(.*)```$/m.exec(textsOf(slack(messageWith({ appeared }))).join('\n'))?.[1]
    t.equal(code, command)
    t.equal(code !== undefined, isShown)
  })

t.test('a long name of the cluster is cut in the header', async t => {
  const { blocks } = slack(messageWith({ cluster: '😀'.repeat(200) }))
  const text = blocks[0]?.text.text ?? ''
  t.equal(text.length <= 150 && text.isWellFormed(), true)
})
