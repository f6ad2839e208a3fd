#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCommand } from './cli/index.ts'

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  readFile: path => readFileSync(path === '-' ? 0 : path, 'utf8'),
})
