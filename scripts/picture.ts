/** Writes docs/demo.svg, the picture of the README, from what the demo prints now: `npm run picture`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scenesOf, terminalPicture } from './terminal-picture.ts'

const output = execFileSync(process.execPath, [join(import.meta.dirname, 'demo.ts')], {
  env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  encoding: 'utf8',
})
const file = join(import.meta.dirname, '../docs/demo.svg')
writeFileSync(file, terminalPicture(scenesOf(output, '# There too')))
console.log(`wrote ${file}`)
