/** How many columns the picture's terminal has; longer lines go on in the next. */
const columns = 112
const [lineHeight, characterWidth, margin, bar] = [19, 7.83, 20, 34]

interface Colour {
  readonly begins: RegExp
  readonly fill: string
}

const colours: readonly Colour[] = [
  { begins: /^# /, fill: '#7d8590' },
  { begins: /^\$ /, fill: '#e6edf3' },
  { begins: /^Warning: /, fill: '#e3b341' },
  { begins: /^Error /, fill: '#ff7b72' },
]
const plain = '#9aa4af'

/** What the demo prints from its first scene up to the line that begins with `end`, which is left out. */
export function scenesOf(output: string, end: string): readonly string[] {
  const lines = output.split('\n')
  const from = lines.findIndex(line => line.startsWith('# '))
  const to = lines.findIndex(line => line.startsWith(end))
  if (from === -1 || to <= from) throw new Error(`the demo prints no scene before "${end}"`)
  return lines.slice(from, lines[to - 1] === '' ? to - 1 : to)
}

/** A terminal with these lines, as SVG: text that can be selected and searched, in the fonts of the reader's machine. */
export function terminalPicture(lines: readonly string[]): string {
  const rows = lines.flatMap(line => {
    const fill = colours.find(({ begins }) => begins.test(line))?.fill ?? plain
    return wrapped(line).map(text => ({ text, fill }))
  })
  const width = Math.ceil(columns * characterWidth) + 2 * margin
  const height = bar + rows.length * lineHeight + margin
  const texts = rows.map(
    ({ text, fill }, at) =>
      `  <text x="${margin}" y="${bar + (at + 1) * lineHeight}" fill="${fill}" xml:space="preserve">${escaped(text)}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="13">`,
    `  <title>Patchline's warnings and a refusal in a terminal</title>`,
    `  <rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, at) => `  <circle cx="${margin + at * 18}" cy="18" r="5.5" fill="${fill}"/>`,
    ),
    ...texts.filter((_, at) => rows[at]?.text !== ''),
    '</svg>',
    '',
  ].join('\n')
}

/** The line as a terminal shows it: broken between words where there are any, the rest indented. */
function wrapped(line: string): readonly string[] {
  const rows: string[] = []
  let rest = line
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns)
    const at = space > columns / 2 ? space : columns
    rows.push(rest.slice(0, at))
    rest = `    ${rest.slice(at).trimStart()}`
  }
  return [...rows, rest]
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
