import { join } from 'node:path'

/** The program that tests start: its sources, or the one that PATCHLINE_PROGRAM names, such as that of an image. */
export const entry = process.env['PATCHLINE_PROGRAM'] ?? join(import.meta.dirname, '../../../src/main.ts')
