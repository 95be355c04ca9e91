import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseStatement, verifyStatement } from '../../licence-format/index.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { cms, x509 } from '../../pki/index.ts'
import { sealSizeInPoints } from '../../seal-service/domain/seal-picture.ts'
import { makeFolder } from '../pki-service/world.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { civil, claimsOf, clerk, createSealWorld, identifierOf, type SealWorld, sealRequest } from './world.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe.each(engines)('sealing on $name', ({ open }) => {
  let world: SealWorld
  beforeAll(async () => {
    world = await createSealWorld(await open())
  })
  afterAll(() => world.close())

  const usesOf = (identifier: string) =>
    world.database.query<{
      phase: string
      use_id: string
      caller_id: string
      caller_department: string
      signed_digest: Uint8Array
    }>(
      'select phase, use_id, caller_id, caller_department, signed_digest from seal.seal_uses where identifier = $1 order by at, phase',
      [identifier],
    )

  describe('sealDocuments', () => {
    it('appends one whole-document signature of the department and touches no earlier byte', async () => {
      const request = sealRequest(world, 1)
      const [sealed] = await world.seals.sealDocuments(clerk, [request])
      expect(hex(sealed!.pdf.subarray(0, request.pdf.length))).toBe(hex(request.pdf))
      const read = readSignedPdf(sealed!.pdf)
      const [signature, ...more] = read.ok ? read.signatures : []
      expect(more).toEqual([])
      expect(signature).toMatchObject({ field: 'Seal1', subFilter: 'ETSI.CAdES.detached', coversWholeFile: true })
      const [service] = (await world.seals.publicKeys())[0]!.services
      const signed = cms.parseSignedData(signature!.contents!)
      expect(
        JSON.stringify(signed, (_key, value) =>
          value instanceof Uint8Array ? hex(value) : typeof value === 'bigint' ? String(value) : value,
        ),
      ).toContain(hex(service!.certificate))
    })

    it('shows the seal centred at its place in its true size', async () => {
      const [sealed] = await world.seals.sealDocuments(clerk, [sealRequest(world, 2)])
      const text = Buffer.from(sealed!.pdf).toString('latin1')
      const rect = /\/Rect ?\[([\d. -]+)\]/.exec(text)![1]!.trim().split(' ').map(Number)
      const size = sealSizeInPoints(45)
      expect(rect[2]! - rect[0]!).toBeCloseTo(size, 1)
      expect(rect[3]! - rect[1]!).toBeCloseTo(size, 1)
      expect((rect[0]! + rect[2]!) / 2).toBeCloseTo(400, 1)
      expect((rect[1]! + rect[3]!) / 2).toBeCloseTo(200, 1)
    })

    it('records a use as intended and as sealed, with digest and caller', async () => {
      const request = sealRequest(world, 3)
      const [sealed] = await world.seals.sealDocuments(clerk, [request])
      const uses = await usesOf(request.identifier)
      expect(uses.map(({ phase }) => phase)).toEqual(['intended', 'sealed'])
      for (const use of uses) {
        expect(use).toMatchObject({
          use_id: sealed!.useId,
          caller_id: clerk.id,
          caller_department: clerk.departmentCode,
        })
      }
      expect(uses[0]!.signed_digest).toBeNull()
      expect(uses[1]!.signed_digest).toHaveLength(32)
    })

    it('answers a repeat byte for byte at any later time, after a restart too, and counts once', async () => {
      const request = sealRequest(world, 4)
      const [first] = await world.seals.sealDocuments(clerk, [request])
      world.pki.clock.advance(3_600_000)
      const [second] = await world.seals.sealDocuments(clerk, [request])
      const restarted = world.another()
      await restarted.start()
      const [third] = await restarted.sealDocuments(clerk, [request])
      expect(hex(second!.pdf)).toBe(hex(first!.pdf))
      expect(hex(third!.pdf)).toBe(hex(first!.pdf))
      expect(third!.useId).toBe(first!.useId)
      expect(await usesOf(request.identifier)).toHaveLength(2)
    })

    it('gives fifty who ask for the same at once the same document, and counts once', async () => {
      const request = sealRequest(world, 5)
      const other = world.another()
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, index) => (index % 2 ? world.seals : other).sealDocuments(clerk, [request])),
      )
      expect(new Set(all.map(([sealed]) => hex(sealed!.pdf))).size).toBe(1)
      expect(new Set(all.map(([sealed]) => sealed!.useId)).size).toBe(1)
      const uses = await usesOf(request.identifier)
      expect(uses.filter(({ phase }) => phase === 'sealed')).toHaveLength(1)
    })

    it('seals a group in order, with a repeat and a double among it', async () => {
      const known = sealRequest(world, 1)
      const group = [sealRequest(world, 6), known, sealRequest(world, 7), sealRequest(world, 6)]
      const sealed = await world.seals.sealDocuments(clerk, group)
      expect(sealed.map(({ identifier }) => identifier)).toEqual(group.map(({ identifier }) => identifier))
      expect(hex(sealed[3]!.pdf)).toBe(hex(sealed[0]!.pdf))
      expect(await usesOf(identifierOf(6))).toHaveLength(2)
      expect(await usesOf(known.identifier)).toHaveLength(2)
      expect(await world.seals.sealDocuments(clerk, [])).toEqual([])
    })

    it('refuses a whole group for one refusal, names each, and records nothing', async () => {
      const group = [
        sealRequest(world, 8),
        sealRequest(world, 9, { sealId: '33019900000099' }),
        sealRequest(world, 10, { typeCode: civil.typeCodes[0] }),
      ]
      await expect(world.seals.sealDocuments(clerk, group)).rejects.toMatchObject({
        code: 'SEAL_NOT_FOUND',
        faults: [
          { pointer: '/1', code: 'SEAL_NOT_FOUND' },
          { pointer: '/2', code: 'SEAL_TYPE_MISMATCH' },
        ],
      })
      for (const number of [8, 9, 10]) expect(await usesOf(identifierOf(number))).toEqual([])
    })

    it('refuses a document that is not the one announced, a repeat elsewhere, and a group of 201', async () => {
      const request = sealRequest(world, 11)
      const changed = { ...request, unsignedDigest: '00'.repeat(32) }
      await rejectsWithCode(world.seals.sealDocuments(clerk, [changed]), 'SEAL_DIGEST_MISMATCH')
      await world.seals.sealDocuments(clerk, [request])
      const moved = { ...request, place: { ...request.place, x: 100 } }
      await rejectsWithCode(world.seals.sealDocuments(clerk, [moved]), 'SEAL_REQUEST_CONFLICT')
      const many = Array.from({ length: 201 }, () => request)
      await rejectsWithCode(world.seals.sealDocuments(clerk, many), 'SEAL_GROUP_TOO_LARGE')
      const small = world.another({ maxDocumentBytes: 100 })
      await rejectsWithCode(small.sealDocuments(clerk, [sealRequest(world, 12)]), 'SEAL_DOCUMENT_TOO_LARGE')
    })

    it('refuses what is no PDF and leaves only its intent on record', async () => {
      const request = sealRequest(world, 13, { pdf: new TextEncoder().encode('no PDF at all') })
      await expect(world.seals.sealDocuments(clerk, [request])).rejects.toThrow()
      expect((await usesOf(request.identifier)).map(({ phase }) => phase)).toEqual(['intended'])
    })

    it('stops at once for a suspended seal, repeats too, and goes on when it is restored', async () => {
      const request = sealRequest(world, 14)
      const [first] = await world.seals.sealDocuments(clerk, [request])
      const change = { sealId: world.seal.id, reason: 'lost', callerId: 'keeper' }
      await world.seals.changeSealState({ ...change, action: 'suspend' })
      await rejectsWithCode(world.seals.sealDocuments(clerk, [request]), 'SEAL_SUSPENDED')
      await rejectsWithCode(
        world.seals.signStatements(clerk, [{ identifier: identifierOf(14), claims: claimsOf(14) }]),
        'SEAL_SUSPENDED',
      )
      await rejectsWithCode(world.seals.changeSealState({ ...change, action: 'suspend' }), 'SEAL_TRANSITION_FORBIDDEN')
      world.pki.clock.advance(1000)
      await world.seals.changeSealState({ ...change, action: 'restore' })
      expect(hex((await world.seals.sealDocuments(clerk, [request]))[0]!.pdf)).toBe(hex(first!.pdf))
      const keys = await world.seals.publicKeys()
      expect(keys[0]!.services[0]!.states.map(({ state }) => state)).toEqual(['granted', 'withdrawn', 'granted'])
    })

    it.skipIf(isMissing('pdfsig', 'qpdf'))('makes what pdfsig calls valid and qpdf finds sound', async () => {
      const [sealed] = await world.seals.sealDocuments(clerk, [sealRequest(world, 15)])
      const file = join(makeFolder(), 'sealed.pdf')
      writeFileSync(file, sealed!.pdf)
      const { output } = run('pdfsig', ['-nocert', file])
      expect(output).toContain('Signature is Valid')
      expect(output).toContain('Total document signed')
      expect(output).toContain('云汀市市场监督管理局 (TEST)')
      expect(run('qpdf', ['--check', file]).status).toBe(0)
    })
  })

  describe('signStatements', () => {
    const request = (number: number) => ({ identifier: identifierOf(number), claims: claimsOf(number) })

    it('signs with the statement key of the department', async () => {
      const [statement] = await world.seals.signStatements(clerk, [request(20)])
      const parsed = parseStatement(statement!.text)
      const service = (await world.seals.publicKeys())[0]!.services.find(({ kind }) => kind === 'statement')!
      expect(await verifyStatement(parsed, x509.parseCertificate(service.certificate).subjectPublicKeyInfo)).toBe(true)
      expect(parsed.claims).toMatchObject({ identifier: identifierOf(20), statusPlace: 20 })
    })

    it('answers a repeat with the same text, many at once too, and counts once', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => world.seals.signStatements(clerk, [request(21)])))
      world.pki.clock.advance(60_000)
      all.push(await world.another().signStatements(clerk, [request(21)]))
      expect(new Set(all.map(([statement]) => statement!.text)).size).toBe(1)
      const uses = await world.database.query<{ phase: string }>(
        `select phase from seal.statement_uses where identifier = $1`,
        [identifierOf(21)],
      )
      expect(uses.filter(({ phase }) => phase === 'signed')).toHaveLength(1)
    })

    it('refuses other claims for the same data, and claims of another licence', async () => {
      await world.seals.signStatements(clerk, [request(22)])
      const changed = { identifier: identifierOf(22), claims: claimsOf(22, { validUntil: '2036-01-01' }) }
      await rejectsWithCode(world.seals.signStatements(clerk, [changed]), 'STATEMENT_REQUEST_CONFLICT')
      const foreign = { identifier: identifierOf(22), claims: claimsOf(23) }
      await rejectsWithCode(world.seals.signStatements(clerk, [foreign]), 'STATEMENT_IDENTIFIER_MISMATCH')
    })

    it('refuses a licence of another department and a caller who only views', async () => {
      const foreign = identifierOf(24, civil.code, civil.typeCodes[0])
      const other = { identifier: foreign, claims: claimsOf(24, { identifier: foreign }) }
      await rejectsWithCode(world.seals.signStatements(clerk, [other]), 'SEAL_ISSUER_MISMATCH')
      await rejectsWithCode(
        world.seals.signStatements({ ...clerk, roles: ['viewer'] }, [request(24)]),
        'SEAL_ROLE_MISSING',
      )
    })

    it('signs no more after two years', async () => {
      const late = { now: () => new Date('2028-11-22T00:00:00Z') }
      await rejectsWithCode(
        world.another({ clock: late }).signStatements(clerk, [request(25)]),
        'STATEMENT_KEY_EXPIRED',
      )
      const keys = await world.another({ clock: late }).publicKeys()
      const key = keys[0]!.services.find(({ kind }) => kind === 'statement')!
      expect(key.states.map(({ state }) => state)).toEqual(['granted', 'retired'])
    })
  })

  describe('the record', () => {
    it('lets nobody change or remove a row', async () => {
      for (const table of ['seal_uses', 'statement_uses', 'sealings', 'statements', 'seal_events']) {
        await expect(world.database.query(`delete from seal.${table}`)).rejects.toThrow('append-only')
        await expect(world.database.query(`truncate seal.${table} cascade`)).rejects.toThrow('append-only')
      }
      await expect(world.database.query(`update seal.seal_uses set caller_id = 'x'`)).rejects.toThrow('append-only')
      await expect(world.database.query(`update seal.statements set statement = 'x'`)).rejects.toThrow('append-only')
    })
  })
})
