// Signatures that document systems were given before they were known by what they sign.
import { createHash, randomUUID } from 'node:crypto'
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, eseal } from '../../../pki/index.ts'
import { type Database, migrate, packagePath } from '../../../platform/index.ts'
import { findCancellation, insertCancellation } from '../../../seal-service/store/oes-signatures.ts'
import { makeSeal, makeSignature } from '../../fixtures/eseals.ts'
import { createTestPki } from '../../fixtures/pki.ts'
import { makeFolder } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'

const madeAt = new Date('2026-10-01T00:00:00Z')
const migrations = packagePath('seal-service', 'store', 'migrations')
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

describe.each(engines)('signatures of document systems of before, on $name', ({ open }) => {
  let database: Database
  const made: { readonly useId: string; readonly signed: Uint8Array; readonly der: Uint8Array }[] = []

  beforeAll(async () => {
    database = await open()
    const folder = makeFolder()
    for (const name of readdirSync(migrations).filter((one) => one < '0018'))
      copyFileSync(join(migrations, name), join(folder, name))
    await migrate(database, { schema: 'seal', folder })
    const pki = await createTestPki({
      root: { key: 'sm2' },
      maker: { under: 'root', key: 'sm2', profile: 'seal-maker' },
      seal: { under: 'root', key: 'sm2', profile: 'statement' },
    })
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into seal.seals (id, department_code, name, key_name, key_algorithm, type_codes, state, state_changed_at, created_at, picture_spec)
         values ('33019900000001', '11330199MB0000001X', '章', 'key', 'ec-p256', '{}', 'applied', $1, $1, '{}')`,
        [madeAt],
      )
      await tx.query(
        `insert into seal.seal_events (seal_id, action, state, caller_id, at) values ('33019900000001', 'apply', 'applied', 'li.lei', $1)`,
        [madeAt],
      )
    })
    // Lengths of one, two and three octets stand before what is signed.
    for (const [index, size] of [2, 300, 70_000].entries()) {
      const picture = { type: 'PNG', data: new Uint8Array(size), widthMm: 42, heightMm: 42 }
      const der = await makeSignature(await makeSeal(pki.get('maker'), pki.get('seal'), { picture }), pki.get('seal'))
      const useId = randomUUID()
      await database.query(
        `insert into seal.oes_signatures (identifier, data_hash, use_id, seal_id, layout, property_info, signature, signed_at)
         values ($1, $2, $3, '33019900000001', 'V5', 'x', $4, $5)`,
        [`oes:${index}`, new Uint8Array(32), useId, der, madeAt],
      )
      made.push({ useId, signed: eseal.parseSignature(der).signedBytes, der })
    }
    await migrate(database, { schema: 'seal', folder: migrations })
  })
  afterAll(() => database.close())

  it('are found by what they sign, and by nothing else', async () => {
    for (const { signed, der } of made) {
      expect(await findCancellation(database, digestOf(signed))).toBe(null)
      expect(await findCancellation(database, digestOf(der))).toBe(undefined)
    }
    const short = asn1.encodeSequence(asn1.encodeSequence(asn1.encodeInteger(1)), asn1.encodeNull())
    const [row] = await database.query<{ first: Uint8Array }>('select seal.first_in_sequence($1) as first', [short])
    expect(row!.first).toEqual(asn1.encodeSequence(asn1.encodeInteger(1)))
  })

  it('can be taken back, and are changed by nobody', async () => {
    const { useId, signed } = made[0]!
    await insertCancellation(database, { useId, reason: '文件有误', callerId: 'li.lei', at: madeAt })
    expect(await findCancellation(database, digestOf(signed))).toEqual(madeAt)
    await expect(database.query(`update seal.oes_signatures set layout = 'V4'`)).rejects.toThrow(/append-only/)
  })
})
