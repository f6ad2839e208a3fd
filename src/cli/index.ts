/** The command line: arguments to the same parts that the server is made of. */
export { runCommand, type Terminal } from './run-command.ts'
