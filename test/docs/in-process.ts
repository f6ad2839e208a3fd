import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { runCommand } from '../../src/cli/index.ts'

/** What the program of a shell asks the process of a test to run. */
interface Typed {
  readonly args: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly input: string
}

// Node starts this in a twentieth of the time that it takes to load Patchline's sources.
const client = `
const { readFileSync } = require('node:fs')
const { connect } = require('node:net')
const [path, ...args] = process.argv.slice(1)
const request = { args, directory: process.cwd(), environment: process.env, input: readFileSync(0, 'utf8') }
let reply = ''
connect(path)
  .on('data', data => (reply += data))
  .on('end', () => {
    const { printed, code } = JSON.parse(reply)
    for (const [stream, text] of printed) process[stream].write(text)
    process.exitCode = code
  })
  .end(JSON.stringify(request))
`

/** The beginning of a shell command that runs Patchline in this process, with the files and the input of that shell. */
export async function inProcess(t: Test): Promise<string> {
  // The path of a socket has at most some 100 characters.
  const folder = mkdtempSync(join(tmpdir(), 'patchline-docs-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const server = createServer({ allowHalfOpen: true }, socket => {
    void text(socket)
      .then(body => answer(JSON.parse(body)))
      .catch((error: unknown) => ({ printed: [['stderr', String(error)]], code: 70 }))
      .then(reply => socket.end(JSON.stringify(reply)))
  })
  await new Promise<void>(listening => server.listen(path, listening))
  t.teardown(() => server.close())
  return `'${process.execPath}' -e '${client.replaceAll("'", String.raw`'\''`)}' '${path}'`
}

async function answer({ args, directory, environment, input }: Typed) {
  const printed: (readonly ['stdout' | 'stderr', string])[] = []
  const code = await runCommand(args, {
    environment,
    out: text => void printed.push(['stdout', text]),
    err: text => void printed.push(['stderr', text]),
    readFile: path => (path === '-' ? input : readFileSync(resolve(directory, path), 'utf8')),
    isFile: path => statSync(resolve(directory, path), { throwIfNoEntry: false })?.isFile() === true,
  })
  return { printed, code }
}
