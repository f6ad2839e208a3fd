import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import t from 'tap'
import { remedyFor, words, type CommandForm } from '../../src/notification/commands.ts'
import type { Finding } from '../../src/notification/finding.ts'
import { findingsOf } from '../../src/notification/findings.ts'
import { report, type Row } from './reports.ts'

function findings(rows: readonly Row[]): readonly Finding[] {
  return findingsOf(report(rows), 0).findings
}

const release = { name: 'shop', namespace: 'default', chart: 'nginx-15.4.2' }
const helm =
  'Helm release shop (chart nginx-15.4.2) manages it: set the tag in its values, often image.tag=1.25.5, or the next upgrade brings the old one back'

const rows: readonly (readonly [
  string,
  readonly Row[],
  CommandForm,
  string | undefined,
  string | undefined,
])[] = [
  [
    'a container',
    [{ newest: '1.25.5' }],
    'set-image',
    'kubectl -n default set image deployment/web web=nginx:1.25.5',
    undefined,
  ],
  [
    'two of five containers, one of them init',
    [
      { namespace: 'shop', newest: '1.25.5' },
      { namespace: 'shop', container: 'migrate', field: 'init', image: 'ghcr.io/x/m:1.0.0', newest: '1.0.3' },
    ],
    'set-image',
    'kubectl -n shop set image deployment/web web=nginx:1.25.5 migrate=ghcr.io/x/m:1.0.3',
    undefined,
  ],
  [
    'the same as a patch',
    [
      { namespace: 'shop', newest: '1.25.5' },
      { namespace: 'shop', container: 'migrate', field: 'init', image: 'ghcr.io/x/m:1.0.0', newest: '1.0.3' },
    ],
    'patch',
    `kubectl -n shop patch deployment web --patch '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25.5"}],"initContainers":[{"name":"migrate","image":"ghcr.io/x/m:1.0.3"}]}}}}'`,
    undefined,
  ],
  [
    'a cron job',
    [{ kind: 'CronJob', newest: '1.25.5' }],
    'patch',
    `kubectl -n default patch cronjob web --patch '{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25.5"}]}}}}}}'`,
    undefined,
  ],
  [
    'an image volume needs the patch',
    [{ field: 'volume', container: 'models', newest: '1.25.5' }],
    'set-image',
    `kubectl -n default patch deployment web --patch '{"spec":{"template":{"spec":{"volumes":[{"name":"models","image":{"reference":"nginx:1.25.5"}}]}}}}'`,
    undefined,
  ],
  [
    'a digest pin is dropped',
    [{ image: `nginx:1.25.1@sha256:${'a'.repeat(64)}`, newest: '1.25.5' }],
    'set-image',
    'kubectl -n default set image deployment/web web=nginx:1.25.5',
    undefined,
  ],
  [
    'a release of Helm',
    [{ newest: '1.25.5', release }],
    'set-image',
    'kubectl -n default set image deployment/web web=nginx:1.25.5',
    helm,
  ],
  [
    'a Job',
    [{ kind: 'Job', newest: '1.25.5' }],
    'set-image',
    undefined,
    'the template of a Job cannot be changed: what makes the Job must name the newer tag',
  ],
  [
    'a kind that is not known',
    [{ kind: 'Rollout', newest: '1.25.5' }],
    'set-image',
    undefined,
    'change the image where this Rollout says it',
  ],
  [
    'a bare pod',
    [{ kind: 'Pod', newest: '1.25.5' }],
    'set-image',
    'kubectl -n default set image pod/web web=nginx:1.25.5',
    'nothing makes this pod anew: change where it comes from too',
  ],
  ['an ephemeral container', [{ field: 'ephemeral', newest: '1.25.5' }], 'set-image', undefined, undefined],
  [
    'nothing to go to',
    [{ image: 'nginx:latest', verdict: 'outdated', moved: true }],
    'set-image',
    undefined,
    undefined,
  ],
]

for (const [what, given, form, command, hint] of rows)
  t.test(what, async t => t.same(remedyFor(findings(given), form), { command, hint }))

t.test('a shell reads the words as they were', async () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary', maxLength: 20 }).filter(text => !text.includes('\0')),
        { minLength: 1, maxLength: 5 },
      ),
      texts => {
        const out = execFileSync('sh', ['-c', `printf '%s\\0' ${words(texts)}`], { encoding: 'buffer' })
        const expected = Buffer.from(texts.map(text => `${text}\0`).join(''))
        if (!out.equals(expected)) throw new Error(`read as ${JSON.stringify(out.toString())}`)
      },
    ),
    { numRuns: 150 },
  )
})

t.test('names from a hostile cluster', async t => {
  const [finding] = findings([
    { namespace: "a'; rm -rf /;'", name: '$(reboot)', container: '`x`', newest: '1.25.5' },
  ])
  t.equal(
    remedyFor(finding === undefined ? [] : [finding], 'set-image').command,
    `kubectl -n 'a'\\''; rm -rf /;'\\''' set image 'deployment/$(reboot)' '\`x\`=nginx:1.25.5'`,
  )
})
