import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

// Each plant is a file that breaks one rule of the architecture, and the rule that must refuse it.
const plants: readonly (readonly [file: string, text: string, rule: string])[] = [
  ['src/version/planted-upwards.ts', "import '../admission/index.ts'", 'version-imports'],
  ['src/text/planted-upwards.ts', "import '../workload/index.ts'", 'text-imports'],
  ['src/version/reading/planted-room.ts', "import '../choice/index.ts'", 'version-reading-imports'],
  ['src/version/tag/planted-room.ts', "import '../choice/index.ts'", 'version-tag-imports'],
  ['src/version/planted-core.ts', "import 'node:fs'", 'version-is-pure'],
  ['src/admission/planted-clock.ts', "import 'node:timers'", 'admission-is-pure'],
  ['src/image/planted-package.ts', "import 'undici'", 'image-packages'],
  ['src/catalog/planted-adapter.ts', "import '../registry/index.ts'", 'catalog-imports'],
  [
    'src/http/planted-type.ts',
    "import type { Registry } from '../registry/index.ts'\nexport type X = Registry",
    'http-imports',
  ],
  ['src/cli/planted-inside.ts', "import '../config/inner.ts'", 'through-index'],
  ['src/utils/planted-folder.ts', "import '../image/index.ts'", 'known-folder'],
  ['src/http/planted-app.ts', "import '../app/index.ts'", 'http-imports'],
  ['src/inventory/planted-upwards.ts', "import '../audit/index.ts'", 'inventory-imports'],
  ['src/watching/planted-upwards.ts', "import '../catalog/index.ts'", 'watching-imports'],
  ['src/text/planted-ground.ts', "import '../json/index.ts'", 'text-imports'],
  ['src/registry/response/planted-room.ts', "import '../broker/index.ts'", 'registry-response-imports'],
  ['src/registry/auth/planted-room.ts', "import '../listing/index.ts'", 'registry-auth-imports'],
  ['src/certificates/x509/planted-room.ts', "import '../authority/index.ts'", 'certificates-x509-imports'],
  ['src/catalog/entry/planted-room.ts', "import '../disk/index.ts'", 'catalog-entry-imports'],
  ['src/admission/rules/planted-room.ts', "import '../policies/index.ts'", 'admission-rules-imports'],
  ['src/policy/match/planted-room.ts', "import '../decision/index.ts'", 'policy-match-imports'],
  ['src/kubernetes/watch/planted-room.ts', "import '../report/index.ts'", 'kubernetes-watch-imports'],
  ['src/kubernetes/policy/planted-room.ts', "import '../report/index.ts'", 'kubernetes-policy-imports'],
  ['src/kubernetes/webhook/planted-room.ts', "import '../doctor/index.ts'", 'kubernetes-webhook-imports'],
  ['src/channels/message/planted-room.ts', "import '../transport/index.ts'", 'channels-message-imports'],
  ['src/http/webhook/planted-room.ts', "import '../operations/index.ts'", 'http-webhook-imports'],
  ['src/http/operations/planted-room.ts', "import '../api/index.ts'", 'http-operations-imports'],
  ['src/app/audit/planted-room.ts', "import '../watch/index.ts'", 'app-audit-imports'],
  ['src/app/webhook/planted-room.ts', "import '../audit/index.ts'", 'app-webhook-imports'],
  ['src/scan/source/planted-room.ts', "import '../format/index.ts'", 'scan-source-imports'],
  ['src/scan/planted-io.ts', "import 'node:fs'", 'scan-is-pure'],
  ['src/cli/print/planted-room.ts', "import '../commands/index.ts'", 'cli-print-imports'],
  [
    'src/config/planted-value.ts',
    "import { a } from '../registry/index.ts'\nexport const b = a",
    'config-types',
  ],
  ['src/config/schema/planted-room.ts', "import '../read/index.ts'", 'config-schema-imports'],
  ['src/config/planted-circle.ts', "import './planted-cycle.ts'", 'no-cycle'],
  ['src/registry/planted-dev.ts', "import 'tap'", 'no-dev-package'],
  ['src/registry/planted-test.ts', "import '../../test/planted.ts'", 'src-knows-no-test'],
]

t.test('the layer rules refuse every planted import', async t => {
  const directory = t.testdir()
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), `${text}\n`)
  }
  const folders = [
    'version',
    'version/choice',
    'json',
    'audit',
    'app',
    'registry/broker',
    'registry/listing',
    'admission/policies',
    'policy/decision',
    'catalog/disk',
    'certificates/authority',
    'kubernetes/report',
    'kubernetes/doctor',
    'scan/format',
    'channels/transport',
    'http/operations',
    'http/api',
    'app/watch',
    'cli/commands',
    'config/read',
    'app/audit',
    'watching',
    'workload',
    'admission',
    'image',
    'catalog',
    'registry',
    'http',
    'cli',
    'config',
  ]
  for (const folder of folders)
    write(`src/${folder}/index.ts`, `export interface Registry { readonly name: '${folder}' }`)
  write('src/config/inner.ts', "import './index.ts'")
  write('src/config/planted-cycle.ts', "import './planted-circle.ts'")
  write('test/planted.ts', 'export const planted = true')
  for (const [file, text] of plants) write(file, text)
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    copyFileSync(join(root, file), join(directory, file))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))

  const refused = await cruise(directory)
  for (const [file, , rule] of plants)
    t.ok(
      refused.some(violation => violation.from === file && violation.rule === rule),
      `${rule} refuses ${file}`,
    )
})

interface Violation {
  readonly from: string
  readonly rule: string
}

function cruise(directory: string): Promise<readonly Violation[]> {
  const args = [cli, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'test']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 32 * 1024 * 1024 }, (error, stdout) => {
      if (stdout === '') reject(error ?? new Error('dependency-cruiser printed nothing'))
      else resolve(violationsOf(JSON.parse(stdout)))
    })
  })
}

function violationsOf(output: {
  summary: { violations: { from: string; rule: { name: string } }[] }
}): readonly Violation[] {
  return output.summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }))
}
