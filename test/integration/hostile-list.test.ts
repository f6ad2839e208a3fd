import t from 'tap'
import { hostileTags, learnCounting } from '../version/hostile.ts'

// As many as a minute of the quick suite would not allow; a million take half a minute and two gigabytes.
const tags = 300_000

t.test(
  '300,000 tags of 128 characters, each of another skeleton, are read in ten times the slices of a tenth',
  async t => {
    const tenth = learnCounting(hostileTags(tags / 10)).slices
    const { slices, learned } = learnCounting(hostileTags(tags))
    t.ok(slices <= tenth * 11, `${slices} slices, ${tenth} for a tenth`)
    t.equal(learned.list.length, tags)
    t.equal(learned.grammar.roles.size, 0, 'of a slot for each tag nothing is learned')
  },
)
