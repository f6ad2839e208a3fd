import * as fc from 'fast-check'
import t from 'tap'
import { renderMessage } from '../../../src/channels/message/rendered-message.ts'
import { telegramTexts } from '../../../src/channels/transport/telegram.ts'
import type { Message } from '../../../src/notification/index.ts'
import { withoutEntities } from '../../support/channels/telegram-server.ts'
import { messageWith, messages, findings, hostileMessages, hostileRows } from '../messages.ts'

function telegram(given: Message): readonly string[] {
  return telegramTexts(renderMessage(given, { commands: 'set-image', mostImages: 40 }))
}

const golden: readonly (readonly [keyof typeof messages, readonly string[]])[] = [
  [
    'emergency',
    [
      '<b>patchline (prod-eu): 2 break-glass, 1 break-glass over, 1 removed; 12 of 240 containers are outdated, 3 for more than 14 days</b>',
      '',
      '<b>Break-glass</b>',
      '• <code>nginx 1.25.1</code> (2 workloads): not refused by policy strict because of break-glass: INC-4711, the &lt;shop&gt; is down',
      '    shop: deployment/cart, deployment/web',
      '• <code>ghcr.io/acme/migrate 2.0.0</code>: not refused by policy strict because of break-glass: INC-4711, the &lt;shop&gt; is down',
      '    batch: deployment/web',
      '',
      '<b>Resolved</b>',
      '• <code>busybox 1.36.0</code>: break-glass is over (policy strict: INC-4711, the &lt;shop&gt; is down)',
      '    batch: cronjob/nightly',
      '',
      '<b>Removed</b>',
      '• <code>nginx 1.25.1</code> is there no more: break-glass is over (policy strict: INC-4711, the &lt;shop&gt; is down)',
      '    shop: deployment/gone',
      '',
      '12 of 240 containers are outdated, 3 for more than 14 days',
    ],
  ],
  [
    'first',
    [
      '<b>patchline (prod-eu): new: nginx 1.25.5, ghcr.io/acme/migrate 2.0.3, busybox 1.36.1 and 1 more; 12 of 240 containers are outdated</b>',
      '',
      '<b>New</b>',
      '• <code>nginx 1.25.1</code> -&gt; 1.25.5: 2 workloads (4 versions behind, for 20 days) (<a href="https://hub.docker.com/_/nginx/tags?name=1.25.5">tags</a>)',
      '    shop: deployment/cart, deployment/web',
      '<pre>kubectl -n shop set image deployment/web web=nginx:1.25.5</pre>',
      '    <i>Helm release shop (chart shop-2.1.0) manages it: set the tag in its values, often image.tag=1.25.5</i>',
      '• <code>ghcr.io/acme/migrate 2.0.0</code> -&gt; 2.0.3 (4 versions behind, for 2 days) (<a href="https://ghcr.io/acme/migrate">tags</a>)',
      '    shop: deployment/web',
      '<pre>kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3</pre>',
      '• <code>busybox 1.36.0</code> -&gt; 1.36.1 (4 versions behind, for 5 hours) (<a href="https://hub.docker.com/_/busybox/tags?name=1.36.1">tags</a>)',
      '    batch: cronjob/nightly',
      '<pre>kubectl -n batch set image cronjob/nightly run=busybox:1.36.1</pre>',
      '• <code>redis 7</code> has moved on: restart to pull it anew (<a href="https://hub.docker.com/_/redis/tags">tags</a>)',
      '    batch: deployment/queue',
      '',
      '12 of 240 containers are outdated, 3 for more than 14 days',
    ],
  ],
  [
    'change',
    [
      '<b>patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated</b>',
      '',
      '<b>New</b>',
      '• <code>busybox 1.36.0</code> -&gt; 1.36.1 (4 versions behind, for 5 hours) (<a href="https://hub.docker.com/_/busybox/tags?name=1.36.1">tags</a>)',
      '    batch: cronjob/nightly',
      '<pre>kubectl -n batch set image cronjob/nightly run=busybox:1.36.1</pre>',
      '',
      '<b>A still newer tag</b>',
      '• <code>nginx 1.25.1</code> -&gt; 1.25.6 (4 versions behind, for 20 days) (<a href="https://hub.docker.com/_/nginx/tags?name=1.25.6">tags</a>)',
      '    shop: deployment/web',
      '<pre>kubectl -n shop set image deployment/web web=nginx:1.25.6</pre>',
      '',
      '<b>Resolved</b>',
      '• <code>nginx 1.25.1</code>: now nginx:1.25.5',
      '    shop: deployment/cart',
      '',
      '<b>Removed</b>',
      '• <code>quay.io/acme/gone 3.0.1</code> is there no more',
      '    shop: deployment/gone',
      '',
      '<b>Cannot be checked</b>',
      '• <code>registry.acme.test/report 1.0.0</code>: its registry does not answer',
      '    batch: deployment/report',
      '',
      '1 of 240 containers is outdated, 2 snoozed, 1 skipped, 1 cannot be checked',
    ],
  ],
  [
    'linked',
    [
      '<b>patchline (prod-eu): new: ghcr.io/acme/migrate 2.0.3, registry.acme.test/report 1.0.2; 12 of 240 containers are outdated, 3 for more than 14 days</b>',
      '',
      '<b>New</b>',
      '• <code>ghcr.io/acme/migrate 2.0.0</code> -&gt; 2.0.3 (4 versions behind, for 2 days) (<a href="https://ghcr.io/acme/migrate">tags</a>, <a href="https://github.com/acme/migrate/releases">release notes</a>)',
      '    shop: deployment/web',
      '<pre>kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3</pre>',
      '• <code>registry.acme.test/report 1.0.0</code> -&gt; 1.0.2 (4 versions behind) (<a href="https://git.acme.test/shop/report">source</a>)',
      '    batch: deployment/report',
      '<pre>kubectl -n batch set image deployment/report web=registry.acme.test/report:1.0.2</pre>',
      '',
      '12 of 240 containers are outdated, 3 for more than 14 days',
    ],
  ],
  ['heartbeat', ['<b>patchline (prod-eu): all 240 containers are up to date</b>']],
  [
    'old lists',
    [
      '<b>patchline (prod-eu): none of 240 containers is known to be outdated, 1 names a tag that does not exist, 5 judged by old lists (oldest 26h)</b>',
    ],
  ],
]

for (const [what, lines] of golden)
  t.test(`the message of a ${what}`, async t => t.strictSame(telegram(messages[what]), [lines.join('\n')]))

function judge(texts: readonly string[]): void {
  if (texts.length > 3) throw new Error(`${texts.length} messages`)
  for (const text of texts) {
    if (text.length > 4_096) throw new Error(`${text.length} characters`)
    const plain = withoutEntities(text)
    if (plain === undefined || plain.trim() === '') throw new Error(`not to be read: ${text}`)
  }
}

t.test('names from a hostile cluster mark nothing', async () => {
  fc.assert(
    fc.property(hostileMessages(40), given => judge(telegram(given))),
    { numRuns: 60 },
  )
})

t.test('5000 findings fit into three messages, told or counted', async t => {
  for (const rows of fc.sample(hostileRows(5_000), { numRuns: 3, seed: 7 })) {
    const list = findings(
      rows.map((row, at) => ({ ...row, namespace: `ns-${at}`, image: `acme/w${at}:1.0.0` })),
    )
    const texts = telegram(messageWith({ appeared: list, resolved: list }))
    judge(texts)
    const all = texts.join('\n')
    const counted = [...all.matchAll(/^and (\d+) more$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
    t.equal(counted + (all.match(/^• /gm)?.length ?? 0), 2 * list.length)
  }
})

t.test('many images take more than one message', async t => {
  const rows = Array.from({ length: 40 }, (_, at) => ({
    namespace: 'a-team-with-a-long-name',
    name: `a-service-with-a-long-name-too-${at}`,
    image: `registry.acme.test/a-team-with-a-long-name/a-service-${at}:1.25.1`,
    newest: '1.25.5',
  }))
  const texts = telegram(messageWith({ appeared: findings(rows) }))
  t.equal(texts.length, 3)
  t.match(texts[0], /^<b>patchline/)
  t.match(texts[1], /^• <code>/)
})
