import t from 'tap'
import { documentOf } from '../../../src/channels/message/document.ts'
import { plainText } from '../../../src/channels/message/html.ts'
import { renderMessage } from '../../../src/channels/message/rendered-message.ts'
import { subjectOf } from '../../../src/channels/message/summary.ts'
import type { Message } from '../../../src/notification/index.ts'
import { at, messageWith, messages, findings } from '../messages.ts'

const written: Readonly<Record<keyof typeof messages, string>> = {
  first: `\
patchline (prod-eu): new: nginx 1.25.5, ghcr.io/acme/migrate 2.0.3, busybox 1.36.1 and 1 more; 12 of 240 containers are outdated

New
* nginx 1.25.1 -> 1.25.5: 2 workloads (4 versions behind, for 20 days)
    shop: deployment/cart, deployment/web
    https://hub.docker.com/_/nginx/tags?name=1.25.5
    $ kubectl -n shop set image deployment/web web=nginx:1.25.5
    Helm release shop (chart shop-2.1.0) manages it: set the tag in its values, often image.tag=1.25.5
* ghcr.io/acme/migrate 2.0.0 -> 2.0.3 (4 versions behind, for 2 days)
    shop: deployment/web
    https://ghcr.io/acme/migrate
    $ kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3
* busybox 1.36.0 -> 1.36.1 (4 versions behind, for 5 hours)
    batch: cronjob/nightly
    https://hub.docker.com/_/busybox/tags?name=1.36.1
    $ kubectl -n batch set image cronjob/nightly run=busybox:1.36.1
* redis 7 has moved on: restart to pull it anew
    batch: deployment/queue
    https://hub.docker.com/_/redis/tags

12 of 240 containers are outdated, 3 for more than 14 days`,
  change: `\
patchline (prod-eu): 1 new, 1 newer still, 1 resolved, 1 removed, 1 cannot be checked; 1 of 240 containers is outdated

New
* busybox 1.36.0 -> 1.36.1 (4 versions behind, for 5 hours)
    batch: cronjob/nightly
    https://hub.docker.com/_/busybox/tags?name=1.36.1
    $ kubectl -n batch set image cronjob/nightly run=busybox:1.36.1

A still newer tag
* nginx 1.25.1 -> 1.25.6 (4 versions behind, for 20 days)
    shop: deployment/web
    https://hub.docker.com/_/nginx/tags?name=1.25.6
    $ kubectl -n shop set image deployment/web web=nginx:1.25.6

Resolved
* nginx 1.25.1: now nginx:1.25.5
    shop: deployment/cart

Removed
* quay.io/acme/gone 3.0.1 is there no more
    shop: deployment/gone

Cannot be checked
* registry.acme.test/report 1.0.0: its registry does not answer
    batch: deployment/report

1 of 240 containers is outdated, 2 snoozed, 1 skipped, 1 cannot be checked`,
  emergency: `\
patchline (prod-eu): 2 break-glass, 1 break-glass over, 1 removed; 12 of 240 containers are outdated, 3 for more than 14 days

Break-glass
* nginx 1.25.1 (2 workloads): not refused by policy strict because of break-glass: INC-4711, the <shop> is down
    shop: deployment/cart, deployment/web
* ghcr.io/acme/migrate 2.0.0: not refused by policy strict because of break-glass: INC-4711, the <shop> is down
    batch: deployment/web

Resolved
* busybox 1.36.0: break-glass is over (policy strict: INC-4711, the <shop> is down)
    batch: cronjob/nightly

Removed
* nginx 1.25.1 is there no more: break-glass is over (policy strict: INC-4711, the <shop> is down)
    shop: deployment/gone

12 of 240 containers are outdated, 3 for more than 14 days`,
  linked: `\
patchline (prod-eu): new: ghcr.io/acme/migrate 2.0.3, registry.acme.test/report 1.0.2; 12 of 240 containers are outdated, 3 for more than 14 days

New
* ghcr.io/acme/migrate 2.0.0 -> 2.0.3 (4 versions behind, for 2 days)
    shop: deployment/web
    https://ghcr.io/acme/migrate
    release notes: https://github.com/acme/migrate/releases
    $ kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3
* registry.acme.test/report 1.0.0 -> 1.0.2 (4 versions behind)
    batch: deployment/report
    source: https://git.acme.test/shop/report
    $ kubectl -n batch set image deployment/report web=registry.acme.test/report:1.0.2

12 of 240 containers are outdated, 3 for more than 14 days`,
  reminder: `\
patchline (prod-eu): reminder: 12 of 240 containers are outdated, 3 for more than 14 days

Still outdated
* nginx 1.25.1 -> 1.25.5 (4 versions behind, for 20 days)
    shop: deployment/web
    https://hub.docker.com/_/nginx/tags?name=1.25.5
    $ kubectl -n shop set image deployment/web web=nginx:1.25.5`,
  heartbeat: 'patchline (prod-eu): all 240 containers are up to date',
  'old lists':
    'patchline (prod-eu): none of 240 containers is known to be outdated, 1 names a tag that does not exist, 5 judged by old lists (oldest 26h)',
}

for (const [what, text] of Object.entries(written))
  t.test(`the message of a ${what}`, async t => {
    const given: Readonly<Record<string, Message>> = messages
    t.equal(
      plainText(renderMessage(given[what] ?? messageWith(), { commands: 'set-image', mostImages: 30 })),
      text,
    )
  })

const totals = {
  workloads: 3,
  containers: 9,
  outdated: 0,
  failing: 0,
  snoozed: 0,
  skipped: 0,
  old: 0,
  overdue: 0,
  oldestCheckedAt: undefined,
  missing: 0,
}
const subjects: readonly (readonly [string, Partial<Message>, string])[] = [
  ['all is well', { totals }, 'patchline (prod-eu): all 9 containers are up to date'],
  ['no name of the cluster', { cluster: undefined, totals }, 'patchline: all 9 containers are up to date'],
  ['nothing runs', { totals: { ...totals, containers: 0 } }, 'patchline (prod-eu): no containers were found'],
  [
    'what cannot be checked is not up to date',
    { totals: { ...totals, failing: 2 } },
    'patchline (prod-eu): none of 9 containers is known to be outdated, 2 cannot be checked',
  ],
  [
    'what nobody has looked at yet is not up to date',
    { totals: { ...totals, unchecked: 3 } },
    'patchline (prod-eu): none of 9 containers is known to be outdated, 3 not checked yet',
  ],
  [
    'what was judged by old lists is not up to date',
    { totals: { ...totals, overdue: 2, oldestCheckedAt: at - 3 * 86_400_000 } },
    'patchline (prod-eu): none of 9 containers is known to be outdated, 2 judged by old lists (oldest 3d)',
  ],
  [
    'nor is what is outdated known as of now',
    { totals: { ...totals, outdated: 1, overdue: 1, oldestCheckedAt: at - 45 * 60_000 } },
    'patchline (prod-eu): 1 of 9 containers is outdated, 1 judged by old lists (oldest 45m)',
  ],
  [
    'a tag that does not exist is not up to date',
    { totals: { ...totals, missing: 2 } },
    'patchline (prod-eu): none of 9 containers is known to be outdated, 2 name tags that do not exist',
  ],
  [
    'what is held back, each by its name',
    { totals: { ...totals, outdated: 3, snoozed: 2, skipped: 1 } },
    'patchline (prod-eu): 3 of 9 containers are outdated, 2 snoozed, 1 skipped',
  ],
  [
    'the news first',
    { totals: { ...totals, outdated: 1 }, appeared: findings([{ newest: '1.25.5' }]) },
    'patchline (prod-eu): new: nginx 1.25.5; 1 of 9 containers is outdated',
  ],
  [
    'only what is over',
    {
      totals,
      resolved: findings([{ newest: '1.25.5' }]).map(finding => ({ ...finding, now: 'nginx:1.25.5' })),
      removed: findings([{ name: 'db', image: 'redis:7.2.0', newest: '7.2.1' }]),
    },
    'patchline (prod-eu): resolved: nginx 1.25.1; removed: redis 7.2.0; all 9 containers are up to date',
  ],
  [
    'names for which there is no room are counted, and never cut',
    {
      totals,
      appeared: findings(
        ['a', 'b', 'c', 'd'].map(name => ({
          name,
          image: `ghcr.io/acme/${name.repeat(50)}:1.0.0`,
          newest: '1.0.1',
        })),
      ),
    },
    'patchline (prod-eu): 4 new; all 9 containers are up to date',
  ],
  [
    'a test',
    { occasion: 'test', totals: { ...totals, outdated: 1 } },
    'patchline (prod-eu): test: 1 of 9 containers is outdated',
  ],
  [
    'line breaks',
    { cluster: 'a\r\nBcc: b', totals },
    'patchline (a Bcc: b): all 9 containers are up to date',
  ],
]

for (const [what, parts, expected] of subjects)
  t.test(`subject: ${what}`, async t => t.equal(subjectOf(messageWith(parts)), expected))

t.test('the first message of a channel that came later tells what others know already', async t => {
  const told = { remaining: findings([{ newest: '1.25.5' }]) }
  const sectionsOf = (occasion: Message['occasion']): readonly string[] =>
    renderMessage(messageWith({ ...told, occasion }), { commands: 'none', mostImages: 30 }).sections.map(
      ({ title }) => title,
    )
  t.same(sectionsOf('first'), ['Still outdated'])
  t.same(sectionsOf('change'), [])
  t.equal(documentOf(messageWith({ ...told, occasion: 'first' })).remaining?.length, 1)
})

t.test('commands can be left out, or be patches', async t => {
  const given = messageWith({ appeared: findings([{ newest: '1.25.5' }]) })
  const commandsOf = (commands: 'none' | 'patch'): readonly unknown[] =>
    renderMessage(given, { commands, mostImages: 30 }).sections.flatMap(({ entries }) =>
      entries.map(({ command }) => command),
    )
  t.strictSame(commandsOf('none'), [undefined])
  t.strictSame(commandsOf('patch'), [
    `kubectl -n default patch deployment web --patch '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25.5"}]}}}}'`,
  ])
})

const messageOfFindings = (rows: Parameters<typeof findings>[0]) =>
  renderMessage(messageWith({ appeared: findings(rows) }), { commands: 'set-image', mostImages: 30 })
    .sections[0]

t.test('more images than a section takes are counted', async t => {
  const section = messageOfFindings(
    Array.from({ length: 34 }, (_, at) => ({
      name: `web-${at}`,
      image: `acme/w${at}:1.0.0`,
      newest: '1.0.2',
    })),
  )
  t.equal(section?.entries.length, 30)
  t.equal(section?.more, 4)
})

t.test('an image in fifty workloads is told once, with one command', async t => {
  const section = messageOfFindings(
    Array.from({ length: 50 }, (_, at) => ({
      namespace: `team-${at % 12}`,
      name: `web-${at}`,
      image: at % 2 === 0 ? 'nginx:1.25.1' : 'docker.io/library/nginx:1.25.2',
      newest: '1.25.5',
    })),
  )
  t.strictSame(section?.entries, [
    {
      image: 'nginx 1.25.1, 1.25.2',
      after: ' -> 1.25.5: 50 workloads in 12 namespaces (up to 4 versions behind)',
      links: [{ label: 'tags', url: 'https://hub.docker.com/_/nginx/tags?name=1.25.5' }],
      places: [
        'team-0: deployment/web-0, deployment/web-12, deployment/web-24, deployment/web-36, deployment/web-48',
        'team-1: deployment/web-1, deployment/web-13, deployment/web-25, deployment/web-37, deployment/web-49',
        'team-10: deployment/web-10, deployment/web-22, deployment/web-34, deployment/web-46',
        'team-11: deployment/web-11, deployment/web-23, deployment/web-35, deployment/web-47',
        'team-2: deployment/web-14, deployment/web-2, deployment/web-26, deployment/web-38',
        'team-3: deployment/web-15, deployment/web-27, deployment/web-3, deployment/web-39',
        'team-4: deployment/web-16, deployment/web-28, deployment/web-4',
        'and 21 more workloads',
      ],
      command: 'kubectl -n team-0 set image deployment/web-0 web=nginx:1.25.5',
      hints: ['the like for 49 more workloads, with their names'],
    },
  ])
})

t.test('the source of an image in several workloads is that of the first that has one', async t => {
  const rows = [undefined, 'https://a.test/web|x', 'https://gitlab.com/acme/web', 'https://a.test/b'].map(
    (source, at) => ({ name: `web-${at}`, newest: '1.25.5', ...(source !== undefined && { source }) }),
  )
  t.strictSame(messageOfFindings(rows)?.entries[0]?.links, [
    { label: 'tags', url: 'https://hub.docker.com/_/nginx/tags?name=1.25.5' },
    { label: 'release notes', url: 'https://gitlab.com/acme/web/-/releases' },
  ])
})

t.test('what needs nothing done has no links', async t => {
  const resolved = findings([{ newest: '1.25.5', source: 'https://github.com/acme/web' }])
  const { sections } = renderMessage(messageWith({ resolved }), { commands: 'set-image', mostImages: 30 })
  t.strictSame(sections[0]?.entries[0]?.links, [])
})

t.test('revisions of an image are no versions', async t => {
  const section = messageOfFindings([
    { image: 'bitnami/airflow:3.0.5-debian-12-r0', newest: '3.0.7-debian-12-r6' },
  ])
  t.equal(section?.entries[0]?.after, ' -> 3.0.7-debian-12-r6 (4 image revisions behind)')
})

t.test('each of many releases is named, the first three of them', async t => {
  const section = messageOfFindings(
    ['a', 'b', 'c', 'd', 'd'].map((name, at) => ({
      name: `web-${at}`,
      newest: '1.25.5',
      manager: { by: 'argo-cd', name, namespace: undefined },
    })),
  )
  t.equal(section?.entries[0]?.command, undefined)
  t.strictSame(section?.entries[0]?.hints, [
    'Argo CD application a manages it: change the image in its source to 1.25.5',
    'Argo CD application b manages it: change the image in its source to 1.25.5',
    'Argo CD application c manages it: change the image in its source to 1.25.5',
    'and 1 more that manage it',
  ])
})

t.test('a repository that cannot be checked is told once, whatever its tags and spellings', async t => {
  const failing = findings([
    { image: 'redis:7.0.1', verdict: 'unknown' },
    { name: 'b', image: 'docker.io/library/redis:7.2.0', verdict: 'unknown' },
  ])
  const [section] = renderMessage(messageWith({ failing }), {
    commands: 'set-image',
    mostImages: 30,
  }).sections
  t.strictSame(
    section?.entries.map(({ image, after }) => image + after),
    ['redis 7.0.1, 7.2.0 (2 workloads): its registry does not answer'],
  )
})

const ended: readonly (readonly [now: string | undefined, after: string])[] = [
  ['nginx:1.25.5', ': now nginx:1.25.5'],
  ['nginx:1.25.1', ' still runs, and is resolved'],
  [undefined, ' is resolved'],
]

t.test('what is resolved says what runs now', async t => {
  for (const [now, after] of ended) {
    const [finding] = findings([{ newest: '1.25.5' }])
    const resolved = finding === undefined ? [] : [{ ...finding, ...(now !== undefined && { now }) }]
    const [section] = renderMessage(messageWith({ resolved }), {
      commands: 'set-image',
      mostImages: 30,
    }).sections
    t.strictSame(
      section?.entries.map(entry => entry.image + entry.after),
      [`nginx 1.25.1${after}`],
    )
  }
  const resolved = findings([{ verdict: 'unknown' }]).map(finding => ({ ...finding, now: finding.image }))
  const [section] = renderMessage(messageWith({ resolved }), {
    commands: 'set-image',
    mostImages: 30,
  }).sections
  t.equal(section?.entries[0]?.after, ' can be checked again')
})

t.test('more containers than are named are counted', async t => {
  const section = messageOfFindings(
    Array.from({ length: 40 }, (_, at) => ({ container: `c${at}`, newest: '1.25.5' })),
  )
  const [entry] = section?.entries ?? []
  t.strictSame(entry?.places, ['default: deployment/web (c0, c1, c10, c11 and 36 more)'])
  t.match(entry?.command, / c39=nginx:1\.25\.5/, 'the command is whole')
})

t.test('a command that is too long to be pasted is left out', async t => {
  const section = messageOfFindings(
    Array.from({ length: 300 }, (_, at) => ({ container: `c${at}`, newest: '1.25.5' })),
  )
  t.equal(section?.entries[0]?.command, undefined)
})
