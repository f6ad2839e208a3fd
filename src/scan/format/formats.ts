import type { ScanReport } from '../finding/scanned-image.ts'
import { githubText, gitlabText, junitText } from './annotations.ts'
import { csvText, jsonLines, markdownText } from './lists.ts'
import { sarifText } from './sarif.ts'

/** The formats for other programs; for people there is a table. */
export const scanFormats = ['json', 'csv', 'markdown', 'sarif', 'junit', 'github', 'gitlab'] as const
export type ScanFormat = (typeof scanFormats)[number]

/** By what a report is written. */
export interface FormatOptions {
  /** The report in one line, for people. */
  readonly summary: string
  /** Of Patchline. */
  readonly version: string
}

/** Writes a report for another program, ended by a line break where it is not empty. */
export function formatReport(report: ScanReport, format: ScanFormat, options: FormatOptions): string {
  switch (format) {
    case 'json':
      return jsonLines(report)
    case 'csv':
      return csvText(report)
    case 'markdown':
      return markdownText(report, options.summary)
    case 'sarif':
      return sarifText(report, options.version)
    case 'junit':
      return junitText(report)
    case 'github':
      return githubText(report)
    case 'gitlab':
      return gitlabText(report)
  }
}
