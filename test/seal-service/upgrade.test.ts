// Seals made before certificates could come from outside go on as they are.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, migrate, packagePath } from '../../platform/index.ts'
import { listCertificatesInUse } from '../../seal-service/store/seal-certificates.ts'
import { findMaking, findSeal, listMadeSeals } from '../../seal-service/store/seals.ts'
import { makeFolder } from '../pki-service/world.ts'
import { engines } from '../support/engines.ts'

const madeAt = new Date('2026-10-01T00:00:00Z')
const bytes = (text: string) => new TextEncoder().encode(text)
const department = '11330199MB0000001X'

describe.each(engines)('seals of before, on $name', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    const folder = makeFolder()
    for (const name of ['0001_seals.sql', '0002_levels.sql', '0003_eseals.sql'])
      copyFileSync(packagePath('seal-service', 'store', 'migrations', name), join(folder, name))
    await migrate(database, { schema: 'seal', folder })
    const insert = (id: string, state: string, certificate: Uint8Array | null) =>
      database.query(
        `insert into seal.seals (id, department_code, name, key_name, key_algorithm, diameter_mm, ring_text, type_codes, state,
           state_changed_at, created_at, picture_content, picture_resources, picture_svg, picture_digest, certificate, chain)
         values ($1, $2, 'seal ' || $1, 'seal-' || $1, 'ec-p256', 45, 'ring', '{}', $3, $4, $4, $5, '<<>>', '<svg/>', sha256('x'), $6, $7)`,
        [id, department, state, madeAt, bytes('picture'), certificate, certificate && [bytes('ca'), bytes('root')]],
      )
    await insert('33019900000001', 'suspended', bytes('certificate'))
    await insert('33019900000002', 'approved', null)
    for (const [action, state] of [
      ['make', 'active'],
      ['suspend', 'suspended'],
    ])
      await database.query(
        `insert into seal.seal_events (seal_id, action, state, caller_id, at) values ('33019900000001', $1, $2, 'li.lei', $3)`,
        [action, state, madeAt],
      )
    await migrate(database, { schema: 'seal', folder: packagePath('seal-service', 'store', 'migrations') })
  })
  afterAll(() => database.close())

  it('keep certificate, chain and key, as the first of theirs and the house’s own', async () => {
    expect(await findSeal(database, '33019900000001')).toMatchObject({
      ...{ state: 'suspended', certificateNumber: 1, kindCode: '01', acceptedAt: madeAt },
      picture: {
        ...{ shape: 'round', diameterMm: 45, ringText: 'ring', ringTextEn: null },
        ...{ centre: 'star', lowerText: null, code: null },
      },
    })
    expect(await findMaking(database, '33019900000001')).toMatchObject({
      keyName: 'seal-33019900000001',
      certificate: bytes('certificate'),
      chain: [bytes('ca'), bytes('root')],
    })
    expect(await listCertificatesInUse(database, department)).toEqual([
      expect.objectContaining({ number: 1, source: 'own', at: madeAt, callerId: 'li.lei' }),
    ])
    const [listed] = await listMadeSeals(database, false)
    expect(listed).toMatchObject({ inUseFrom: madeAt, states: [{ state: 'active' }, { state: 'suspended' }] })
  })

  it('are still to be made where they were not', async () => {
    expect(await findSeal(database, '33019900000002')).toMatchObject({ state: 'approved', certificateNumber: null })
    expect(await findMaking(database, '33019900000002')).toBeUndefined()
  })

  it('have certificates, requests and authorities that nobody changes or deletes', async () => {
    for (const statement of [
      `update seal.seal_certificates set source = 'outside'`,
      'delete from seal.seal_certificates',
      'truncate seal.certificate_requests',
      'truncate seal.authorities',
    ])
      await expect(database.query(statement)).rejects.toThrow()
    await expect(database.query(`update seal.seals set state = 'active' where id = '33019900000002'`)).rejects.toThrow(
      /seals_made_has_certificate/,
    )
  })
})
