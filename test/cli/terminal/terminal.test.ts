import t from 'tap'
import { screenOf, type ColorChoice } from '../../../src/cli/terminal/terminal.ts'

type Environment = Readonly<Record<string, string>>

function screen(environment: Environment, columns?: number, color: ColorChoice = 'auto') {
  const terminal = { environment, columns, out: () => {}, err: () => {}, readFile: () => '' }
  return screenOf(terminal, { color, isWide: false })
}

const colours: readonly (readonly [Environment, number | undefined, ColorChoice, boolean])[] = [
  [{}, 100, 'auto', true],
  [{}, undefined, 'auto', false],
  [{ NO_COLOR: '1' }, 100, 'auto', false],
  [{ NO_COLOR: '' }, 100, 'auto', true],
  [{ TERM: 'dumb' }, 100, 'auto', false],
  [{ FORCE_COLOR: '1' }, undefined, 'auto', true],
  [{ FORCE_COLOR: '0' }, 100, 'auto', false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, 100, 'auto', false],
  [{ NO_COLOR: '1' }, undefined, 'always', true],
  [{ FORCE_COLOR: '1' }, 100, 'never', false],
]

t.test('colour is for a terminal, unless the environment or an option says otherwise', async t => {
  for (const [environment, columns, color, expected] of colours)
    t.equal(
      screen(environment, columns, color).isColoured,
      expected,
      JSON.stringify([environment, columns, color]),
    )
})

t.test('a line is as wide as the terminal, as COLUMNS says, or 80', async t => {
  t.equal(screen({ COLUMNS: '90' }, 120).width, 120)
  t.equal(screen({ COLUMNS: '90' }).width, 90)
  t.equal(screen({ COLUMNS: '0' }, 0).width, 80)
  t.equal(screen({ COLUMNS: 'many' }).width, 80)
  t.equal(screen({}, 10).width, 80)
})
