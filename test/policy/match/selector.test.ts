import t from 'tap'
import { selects, type LabelSelector } from '../../../src/policy/match/selector.ts'

const inherited: Record<string, string> = Object.create({ env: 'prod' })

t.test('what a selector selects, as in Kubernetes', async t => {
  const rows: [LabelSelector, Readonly<Record<string, string>>, boolean][] = [
    [{}, {}, true],
    [{ matchLabels: { env: 'prod' } }, { env: 'prod', x: 'y' }, true],
    [{ matchLabels: { env: 'prod' } }, { env: 'dev' }, false],
    [{ matchLabels: { env: 'prod' } }, {}, false],
    [{ matchLabels: { env: 'prod' } }, inherited, false],
    [{ matchLabels: { env: 'prod', tier: 'web' } }, { env: 'prod' }, false],
    [{ matchExpressions: [{ key: 'env', operator: 'In', values: ['a', 'b'] }] }, { env: 'b' }, true],
    [{ matchExpressions: [{ key: 'env', operator: 'In', values: ['a', 'b'] }] }, { env: 'c' }, false],
    [{ matchExpressions: [{ key: 'env', operator: 'In', values: ['a', 'b'] }] }, {}, false],
    [{ matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['a'] }] }, { env: 'b' }, true],
    [{ matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['a'] }] }, {}, true],
    [{ matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['a'] }] }, { env: 'a' }, false],
    [{ matchExpressions: [{ key: 'env', operator: 'Exists' }] }, { env: '' }, true],
    [{ matchExpressions: [{ key: 'env', operator: 'Exists' }] }, inherited, false],
    [{ matchExpressions: [{ key: 'env', operator: 'DoesNotExist' }] }, {}, true],
    [{ matchExpressions: [{ key: 'env', operator: 'DoesNotExist' }] }, { env: '' }, false],
    [
      { matchLabels: { a: '1' }, matchExpressions: [{ key: 'env', operator: 'Exists' }] },
      { env: 'x' },
      false,
    ],
  ]
  for (const [selector, labels, expected] of rows)
    t.equal(selects(selector, labels), expected, JSON.stringify([selector, labels]))
})
