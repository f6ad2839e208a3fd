import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The audit log of an API server that is started with these arguments. */
export interface AuditLog {
  readonly apiServerArguments: readonly string[]
  /** Each response so far, as one line of JSON. */
  lines(): readonly string[]
  remove(): void
}

/** Creates the audit log of what these rules name, at the level `Metadata`. */
export function createAuditLog(...rules: readonly object[]): AuditLog {
  const folder = mkdtempSync(join(tmpdir(), 'patchline-audit-log-'))
  const policy = join(folder, 'policy.yaml')
  const log = join(folder, 'audit.log')
  writeFileSync(
    policy,
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [...rules.map(rule => ({ level: 'Metadata', ...rule })), { level: 'None' }],
    }),
  )
  return {
    apiServerArguments: [
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${log}`,
      '--audit-log-mode=blocking-strict',
    ],
    lines: () => readFileSync(log, 'utf8').split('\n'),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
