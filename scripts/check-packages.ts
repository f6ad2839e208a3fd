/** Checks package-lock.json, without the network: licences, the list of what runs, where packages come from, install scripts. */
import { readFileSync } from 'node:fs'
import { fieldsOf, parseLockfile } from './lockfile.ts'
import { listFile, problemsOf } from './package-rules.ts'

const { allowScripts } = fieldsOf(JSON.parse(readFileSync('package.json', 'utf8')))
const knownScripts = Object.keys(fieldsOf(allowScripts))
const packages = parseLockfile(readFileSync('package-lock.json', 'utf8'))
const listed = readFileSync(listFile, 'utf8')
  .split('\n')
  .filter(line => line !== '')
const problems = problemsOf(packages, { knownScripts, listed })
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
