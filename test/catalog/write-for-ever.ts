import { readFileSync } from 'node:fs'

import { writeAtomically } from '../../src/catalog/disk/cache-directory.ts'

// Writes a file again and again, with one content and with another, until it is killed: see integration/catalog-disk.test.ts.
const [directory = '', name = '', ...sources] = process.argv.slice(2)
const contents = sources.map(source => readFileSync(source))

process.stdout.write('ready\n')
for (;;) for (const content of contents) await writeAtomically(directory, name, content)
