import t from 'tap'
import { tokensOf } from '../../src/version/token.ts'

const written = (text: string, single = false): string =>
  tokensOf(text, single)
    ?.map(({ separator, text, first }) => `${separator}|${text}${first ? '!' : ''}`)
    .join(' ') ?? 'none'

t.test('the parts behind a core', async t => {
  const rows: readonly (readonly [string, string])[] = [
    ['-alpine', '-|alpine!'],
    ['-debian-12-r9', '-|debian! -|12 -|r9'],
    ['_7-jdk-jammy', '_|7! -|jdk -|jammy'],
    ['rc1-slim', '|rc1! -|slim'],
    ['beta10', '|beta10!'],
    ['b1.Final', '|b1! .|Final'],
    ['patch3', '|patch3!'],
    ['.CR1', '.|CR1!'],
    ['.xfce', '.|xfce!'],
    ['--', '-|! -|'],
    ['-a-b-c-d-e-f-g-h-i-j', '-|a! -|b -|c -|d -|e -|f -|g -|h-i-j'],
    ['.x', 'none'],
    ['.5', 'none'],
    ['.', 'none'],
    ['a', 'none'],
    ['rc1x', 'none'],
    ['u342', 'none'],
  ]
  for (const [text, wanted] of rows) t.equal(written(text), wanted, text)
})

t.test('behind one number a letter makes a hash sooner than an alpha', async t => {
  t.equal(written('b1', true), 'none')
  t.equal(written('beta1', true), '|beta1!')
  t.equal(written('rc1-alpine', true), '|rc1! -|alpine')
})
