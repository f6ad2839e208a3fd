import { InvalidArgumentError, Option } from 'commander'
import type { Terminal } from './terminal.ts'

/** What a table is made for. */
export interface ScreenOptions {
  /** Columns of a line; Infinity where no line is broken. */
  readonly width: number
  readonly isColoured: boolean
}

export const colorChoices = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof colorChoices)[number]

/** `--color`, for the commands that print tables. */
export function colorOption(): Option {
  return new Option('--color <when>', 'auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR means always')
    .choices(colorChoices)
    .default('auto')
}

/** What the standard output of a terminal is, as a person wants it. */
export function screenOf(
  terminal: Terminal,
  { color, isWide }: { readonly color: ColorChoice; readonly isWide: boolean },
): ScreenOptions {
  return { width: isWide ? Infinity : widthOf(terminal), isColoured: isColoured(terminal, color) }
}

const usualWidth = 80
// Narrower than this no table can be read; a pseudo-terminal may say that it has no columns at all.
const leastWidth = 40

function widthOf({ environment, columns = 0 }: Terminal): number {
  const said = columns > 0 ? columns : Number(environment['COLUMNS'] ?? 0)
  return Number.isInteger(said) && said >= leastWidth ? said : usualWidth
}

// What is said last holds: an option before the environment (no-color.org, force-color.org), and that before the terminal.
function isColoured({ environment, columns }: Terminal, color: ColorChoice): boolean {
  if (color !== 'auto') return color === 'always'
  const { NO_COLOR: none = '', FORCE_COLOR: force = '', TERM: kind } = environment
  if (none !== '') return false
  if (force !== '') return force !== '0' && force !== 'false'
  return columns !== undefined && kind !== 'dumb'
}

/** Reads one of the choices or several with commas between them, beside those of the same option before. */
export function severalOf<const Choice extends string>(choices: readonly Choice[]) {
  return (value: string, before: readonly Choice[] = []): readonly Choice[] => [
    ...before,
    ...value.split(',').map(text => {
      const choice = choices.find(each => each === text.trim())
      if (choice === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
      return choice
    }),
  ]
}
