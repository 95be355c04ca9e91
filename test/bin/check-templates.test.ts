import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase, packagePath } from '../../platform/index.ts'
import {
  compileTemplate,
  exampleInput,
  findTemplate,
  openFonts,
  renderPreview,
  validateLicenceData,
} from '../../templates/index.ts'
import { businessLicence } from '../support/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const DATA_FOLDER = temporaryFolder()

function checkTemplates(...options: string[]) {
  const { DATABASE_URL: _database, NODE_ENV: _mode, BASE_URL: _vite, ...inherited } = process.env
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [packagePath('bin/zhengyin.ts'), 'check-templates', ...options],
    { env: { ...inherited, DATA_DIR: DATA_FOLDER }, encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

/** What the business licence looks like to somebody, on record as approved. */
async function approve(companyName: string): Promise<void> {
  const compiled = compileTemplate(findTemplate(businessLicence)!, await openFonts())
  const drawnAt = new Date('2026-11-21T02:00:00Z')
  const input = { ...exampleInput(compiled.definition), name: companyName }
  const result = validateLicenceData(compiled, input, { today: '2026-11-21' })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  const { holders: _, pictures, ...values } = result.value
  const issuer = { code: '11330199MB3301255M', name: '云汀市市场监督管理局' }
  const data = { ...values, number: '', identifier: '', issuer }
  const { pdf } = renderPreview(compiled, { data, pictures, createdAt: drawnAt })
  const database = await openDatabase({ folder: join(DATA_FOLDER, 'database') })
  await database.query(
    `insert into licence.template_goldens values ($1, 1, 1, 'approved', $2, 'digest', $3, $4, $5, '', 'one', 'another', $5)`,
    [businessLicence, pdf, issuer.code, issuer.name, drawnAt],
  )
  await database.close()
}

it('names the templates in force that look different, and fails for them alone', async () => {
  const none = checkTemplates()
  expect(none).toMatchObject({ status: 0, stdout: '0 compared\n' })
  await approve('云汀市另一家有限责任公司')
  const differs = checkTemplates('--json')
  expect(differs.status).toBe(1)
  expect(JSON.parse(differs.stdout)).toMatchObject({ typeCode: businessLicence, outcome: 'differs', revision: 1 })
  expect(JSON.parse(differs.stdout).differences).toContain('page 1: text')
}, 240_000)
