import t from 'tap'
import { readToken } from '../../src/version/read-token.ts'
import { stages } from '../../src/version/version.ts'

const nothing = { literal: '', stage: undefined, revisionKind: undefined, number: undefined, tookNext: false }
const both = { stage: true, revision: true }
const tokensOf = (...texts: readonly string[]) =>
  texts.map((text, at) => ({ separator: '-', text, first: at === 0 }))

t.test('what a token says', async t => {
  t.strictSame(readToken(tokensOf('rc.10'), 0, both), { ...nothing, stage: stages.candidate, number: 10 })
  t.strictSame(readToken(tokensOf('rc', '4'), 0, both), {
    ...nothing,
    stage: stages.candidate,
    number: 4,
    tookNext: true,
  })
  t.strictSame(readToken(tokensOf('rc', 'alpine'), 0, both), { ...nothing, stage: stages.candidate })
  t.strictSame(readToken(tokensOf('hotfix', '4'), 0, both), {
    ...nothing,
    stage: stages.fix,
    number: 4,
    tookNext: true,
  })
  t.strictSame(readToken(tokensOf('r9'), 0, both), { ...nothing, revisionKind: '-r', number: 9 })
  t.strictSame(readToken(tokensOf('build', '5'), 0, both), {
    ...nothing,
    revisionKind: '-build',
    number: 5,
    tookNext: true,
  })
  t.strictSame(readToken(tokensOf('1014'), 0, both), { ...nothing, revisionKind: '-', number: 1014 })
  t.strictSame(readToken(tokensOf('alpine', '1014'), 1, both), { ...nothing, literal: '-1014' })
  t.strictSame(readToken(tokensOf('129305'), 0, both), { ...nothing, literal: '-129305' })
  t.strictSame(readToken(tokensOf('gke'), 0, both), { ...nothing, literal: '-gke' })
  t.strictSame(readToken([], 0, both), nothing)
})

t.test('a tag has one stage and a limited number of revisions', async t => {
  t.strictSame(readToken(tokensOf('rc1'), 0, { ...both, stage: false }), { ...nothing, literal: '-rc1' })
  t.strictSame(readToken(tokensOf('r9'), 0, { ...both, revision: false }), { ...nothing, literal: '-r9' })
})
