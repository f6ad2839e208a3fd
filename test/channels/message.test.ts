import t from 'tap'
import { documentOf } from '../../src/channels/digest-document.ts'
import { plainText } from '../../src/channels/html.ts'
import { messageOf, subjectOf } from '../../src/channels/message.ts'
import type { Digest } from '../../src/notification/index.ts'
import { digest, digests, findings } from './digests.ts'

const written: Readonly<Record<keyof typeof digests, string>> = {
  first: `\
patchline (prod-eu): 12 of 240 containers are outdated, 3 for more than 14 days

New
* shop: deployment/web
    migrate: ghcr.io/acme/migrate:2.0.0 -> 2.0.3 (4 behind, for 2 days)
    web: nginx:1.25.1 -> 1.25.5 (4 behind, for 20 days)
    $ kubectl -n shop set image deployment/web migrate=ghcr.io/acme/migrate:2.0.3 web=nginx:1.25.5
* batch: cronjob/nightly
    busybox:1.36.0 -> 1.36.1 (4 behind, for 5 hours)
    $ kubectl -n batch set image cronjob/nightly run=busybox:1.36.1
* shop: deployment/cart
    nginx:1.25.1 -> 1.25.5 (4 behind, for less than an hour)
    $ kubectl -n shop set image deployment/cart web=nginx:1.25.5
    Helm release shop (chart shop-2.1.0) manages it: set the tag in its values, often image.tag=1.25.5, or the next upgrade brings the old one back
* batch: deployment/queue
    redis:7 has moved on: restart to pull it anew`,
  change: `\
patchline (prod-eu): 1 of 240 containers is outdated, 2 snoozed, 1 cannot be checked

New
* batch: cronjob/nightly
    busybox:1.36.0 -> 1.36.1 (4 behind, for 5 hours)
    $ kubectl -n batch set image cronjob/nightly run=busybox:1.36.1

A still newer tag
* shop: deployment/web
    nginx:1.25.1 -> 1.25.6 (4 behind, for 20 days)
    $ kubectl -n shop set image deployment/web web=nginx:1.25.6

Resolved
* shop: deployment/cart
    nginx:1.25.1 resolved

Cannot be checked
* batch: deployment/report
    registry.acme.test/report:1.0.0: its registry does not answer`,
  reminder: `\
patchline (prod-eu): 12 of 240 containers are outdated, 3 for more than 14 days

Still outdated
* shop: deployment/web
    nginx:1.25.1 -> 1.25.5 (4 behind, for 20 days)
    $ kubectl -n shop set image deployment/web web=nginx:1.25.5`,
  heartbeat: 'patchline (prod-eu): all 240 containers are up to date',
}

for (const [what, text] of Object.entries(written))
  t.test(`the message of a ${what}`, async t => {
    const given: Readonly<Record<string, Digest>> = digests
    t.equal(plainText(messageOf(given[what] ?? digest(), { commands: 'set-image', mostWorkloads: 30 })), text)
  })

const totals = { workloads: 3, containers: 9, outdated: 0, failing: 0, snoozed: 0, old: 0 }
const subjects: readonly (readonly [string, Partial<Digest>, string])[] = [
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
  t.test(`subject: ${what}`, async t => t.equal(subjectOf(digest(parts)), expected))

t.test('the first message of a channel that came later tells what others know already', async t => {
  const told = { remaining: findings([{ newest: '1.25.5' }]) }
  const sectionsOf = (occasion: Digest['occasion']): readonly string[] =>
    messageOf(digest({ ...told, occasion }), { commands: 'none', mostWorkloads: 30 }).sections.map(
      ({ title }) => title,
    )
  t.same(sectionsOf('first'), ['Still outdated'])
  t.same(sectionsOf('change'), [])
  t.equal(documentOf(digest({ ...told, occasion: 'first' })).remaining?.length, 1)
})

t.test('commands can be left out, or be patches', async t => {
  const given = digest({ appeared: findings([{ newest: '1.25.5' }]) })
  const commandsOf = (commands: 'none' | 'patch'): readonly unknown[] =>
    messageOf(given, { commands, mostWorkloads: 30 }).sections.flatMap(({ groups }) =>
      groups.map(({ command }) => command),
    )
  t.strictSame(commandsOf('none'), [undefined])
  t.strictSame(commandsOf('patch'), [
    `kubectl -n default patch deployment web --patch '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25.5"}]}}}}'`,
  ])
})

t.test('more workloads than a section takes are counted', async t => {
  const given = digest({
    resolved: findings(Array.from({ length: 34 }, (_, at) => ({ name: `web-${at}`, newest: '2' }))),
  })
  const [section] = messageOf(given, { commands: 'set-image', mostWorkloads: 30 }).sections
  t.equal(section?.groups.length, 30)
  t.equal(section?.more, 4)
})

t.test('so are more containers than anybody reads', async t => {
  const given = digest({
    appeared: findings(Array.from({ length: 40 }, (_, at) => ({ container: `c${at}`, newest: '2' }))),
  })
  const [group] = messageOf(given, { commands: 'set-image', mostWorkloads: 30 }).sections[0]?.groups ?? []
  t.equal(group?.lines.length, 12)
  t.equal(group?.more, 28)
  t.match(group?.command, / c39=nginx:2/, 'the command is whole')
})

t.test('a command that is too long to be pasted is left out', async t => {
  const given = digest({
    appeared: findings(Array.from({ length: 300 }, (_, at) => ({ container: `c${at}`, newest: '2' }))),
  })
  const [group] = messageOf(given, { commands: 'set-image', mostWorkloads: 30 }).sections[0]?.groups ?? []
  t.equal(group?.command, undefined)
})
