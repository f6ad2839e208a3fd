/** Images that files name, to verdicts with lines and columns; what is written about them, and what is rewritten. */
export { parseFailOn, failOnAll, failureOf, withoutAge, type FailOn } from './finding/fail-on.ts'
export { appVersionOf, chartImages } from './finding/chart-images.ts'
export { applyBaseline, readBaseline, writeBaseline, type Baseline } from './finding/baseline.ts'
export { applyIgnores, ignoresOfList, type Ignore } from './finding/ignores.ts'
export { judgeAll, type JudgeOptions } from './finding/judge-images.ts'
export { readFiles, type FilesReading, type GivenFile } from './finding/read-files.ts'
export {
  ownerText,
  silencedText,
  type LocatedImage,
  type ScannedImage,
  type ScanReport,
  type UnreadFile,
} from './finding/scanned-image.ts'
export { formatReport, scanFormats, type ScanFormat } from './format/formats.ts'
export { mostResults } from './format/sarif.ts'
export { standardInput, templateText } from './format/scan-item.ts'
export { applyEdits, planFile, type FilePlan, type LeftRow } from './fix/tag-edits.ts'
export { unifiedDiff } from './fix/unified-diff.ts'
export { isDockerfile, isYamlOrJson } from './source/images-in-file.ts'
