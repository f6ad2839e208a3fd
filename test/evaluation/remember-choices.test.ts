import t from 'tap'
import { rememberChoices } from '../../src/evaluation/index.ts'
import { choose, learnTags, tagListOf } from '../../src/version/index.ts'

const index = learnTags(tagListOf(['1.25.1', '1.25.2', '1.26.0', '2.0.0']))

t.test('says what choose says, at the first time and again', t => {
  const remembered = rememberChoices()
  for (const tag of [undefined, 'latest', 'main', '1.25', '1.25.1', '1.25.2', '1.25.1-alpine', '2.0.0'])
    for (const strategy of ['rebuild', 'patch', 'minor', 'major'] as const)
      for (const time of ['first', 'second'])
        t.same(
          remembered(tag, index, { strategy }),
          choose(tag, index, { strategy }),
          `${tag} ${strategy} ${time}`,
        )
  t.end()
})

t.test('works a tag out once for each index', t => {
  const remembered = rememberChoices()
  const first = remembered('1.25.1', index, { strategy: 'patch' })
  t.equal(remembered('1.25.1', index, { strategy: 'patch' }), first)
  t.not(remembered('1.25.1', index, { strategy: 'minor' }), first)
  const grown = learnTags(tagListOf(['1.25.1', '1.25.3']))
  t.equal(remembered('1.25.1', grown, { strategy: 'patch' }).newest, '1.25.3')
  t.equal(remembered('1.25.1', index, { strategy: 'patch' }), first)
  t.end()
})

t.test('forgets when somebody makes up tags', t => {
  const remembered = rememberChoices()
  const first = remembered('1.25.1', index, { strategy: 'patch' })
  for (let made = 0; made < 100; made++) remembered(`1.24.${made}`, index, { strategy: 'patch' })
  const again = remembered('1.25.1', index, { strategy: 'patch' })
  t.not(again, first)
  t.same(again, first)
  t.end()
})

t.test('without what is passed over, which teaches all the same', t => {
  const remembered = rememberChoices()
  const passing = { learned: index, passed: ['1.26.0', '2.0.0'] }
  const first = remembered('1.25.1', passing, { strategy: 'major' })
  t.match(first, { verdict: 'outdated', newest: '1.25.2', behind: 1 })
  t.equal(remembered('1.25.1', { ...passing }, { strategy: 'major' }), first)
  t.equal(remembered('1.25.1', index, { strategy: 'major' }).newest, '2.0.0')
  t.match(remembered(undefined, passing, { strategy: 'major' }), { verdict: 'floating', reason: 'no-tag' })
  t.end()
})

t.test('what is said by one rule is not said by another, nor without', t => {
  const remembered = rememberChoices()
  const [first, second] = ['2.0.0', '1.26.0'].map(never => ({
    preReleases: 'follow' as const,
    never: (tag: string) => tag === never,
  }))
  const by = (rule: typeof first) => remembered('1.25.1', index, { strategy: 'major', ...(rule && { rule }) })
  t.match(by(first), { newest: '1.26.0', behind: 2 })
  t.match(by(second), { newest: '2.0.0', behind: 2 })
  t.match(by(undefined), { newest: '2.0.0', behind: 3 })
  t.equal(by(first), by(first))
  t.equal(by(undefined), by(undefined))
  const passing = { learned: index, passed: ['1.26.0'] }
  t.match(remembered('1.25.1', passing, { strategy: 'major', ...(first && { rule: first }) }), {
    newest: '1.25.2',
  })
  t.end()
})
