import t from 'tap'
import { readSuffix } from '../../src/version/suffix.ts'
import { stages } from '../../src/version/version.ts'

const plain = {
  variant: '',
  revisionKinds: '',
  revisions: [],
  stage: stages.release,
  stageNumber: undefined,
  build: false,
}

t.test('what stands behind a core', async t => {
  t.strictSame(readSuffix('', false), plain)
  t.strictSame(readSuffix('-alpine3.18', false), { ...plain, variant: '-alpine3.18' })
  t.strictSame(readSuffix('-rc', false), { ...plain, stage: stages.candidate })
  t.strictSame(readSuffix('-rc.0', false), { ...plain, stage: stages.candidate, stageNumber: 0, build: true })
  t.strictSame(readSuffix('-jdk-r4', false), {
    ...plain,
    variant: '-jdk',
    revisionKinds: '-r',
    revisions: [4],
    build: true,
  })
  t.strictSame(readSuffix('-r1-ls2-r3', false), {
    ...plain,
    variant: '-r3',
    revisionKinds: '-r-ls',
    revisions: [1, 2],
    build: true,
  })
})

t.test('what makes the core no version', async t => {
  for (const text of ['.5', 'f3a9c1', '-alpine.sig', '-ä', '+1', '.x'])
    t.equal(readSuffix(text, false), undefined, text)
  t.equal(readSuffix('a1', true), undefined)
})
