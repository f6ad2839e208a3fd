#!/usr/bin/env node
import { readFileSync, statSync } from 'node:fs'
import { runCommand } from './cli/index.ts'

// The reader of a pipe may stop reading (`| head`): the exit code still says what was found.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error
  })

// Node opens its inspector at this signal: memory, and all secrets in it, for every process in the pod. A handler
// takes its place; the image is started with --disable-sigusr1 as well, which holds from the first instant.
process.on('SIGUSR1', () => {})

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  isInteractive: process.stderr.isTTY,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  readFile: path => readFileSync(path === '-' ? 0 : path, 'utf8'),
  isFile: path => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
})
