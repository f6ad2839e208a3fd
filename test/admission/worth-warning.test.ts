import t from 'tap'
import { worthWarningBy } from '../../src/admission/worth-warning.ts'
import { currentImage, judgedImage } from './situations.ts'

const usual = { unlistedRegistries: false, floatingTags: true }
const floating = (image: string) =>
  judgedImage({ image, verdict: 'floating', reason: 'no-tag', newest: undefined })

t.test('what people cannot change is a choice', async t => {
  const unlisted = judgedImage({ verdict: 'unknown', reason: 'not-allowed' })
  const rows: [object, boolean, boolean][] = [
    [{}, false, true],
    [{ unlistedRegistries: true }, true, true],
    [{ floatingTags: false }, false, false],
  ]
  for (const [choices, unlistedTold, floatingTold] of rows) {
    const isWorth = worthWarningBy({ ...usual, ...choices })
    t.equal(isWorth(unlisted), unlistedTold)
    t.equal(isWorth(floating('nginx')), floatingTold)
    t.equal(isWorth(judgedImage({ verdict: 'unknown', reason: 'unavailable' })), true)
    t.equal(isWorth(currentImage({ reason: 'not-listed' })), true)
  }
})
