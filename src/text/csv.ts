/** A value of a CSV file; null is empty. */
export type CsvField = string | number | boolean | null

/** One line of a CSV file with its line break (RFC 4180). */
export function csvLine(fields: readonly CsvField[]): string {
  return `${fields.map(csvField).join(',')}\r\n`
}

// A spreadsheet takes a field that starts with one of these characters for a formula, quoted or not.
function csvField(field: CsvField): string {
  const text = String(field ?? '')
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
