import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseSealReceipt, verifyJwsSignature } from '../../../licence-format/index.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, type SealWorld, sealRequest } from '../world.ts'
import { allowOnly, approver, authorise, codeOf, keeper, phasesOf, steppingIn } from './use-world.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe.each(engines)('a second person, and receipts, on $name', ({ open }) => {
  let world: SealWorld
  let number = 3000
  const fresh = () => sealRequest(world, number++)
  const seal = (request = fresh()) => world.seals.sealDocuments(clerk, [request])
  const waitingFor = async (request: ReturnType<typeof fresh>) => {
    await rejectsWithCode(seal(request), 'SEAL_SECOND_PERSON_AWAITED')
    const all = await world.seals.uses.useRequests(clerk.departmentCode, { open: true })
    return all.find(({ identifier }) => identifier === request.identifier)!
  }
  const decide = (
    { id, unsignedDigest }: { id: string; unsignedDigest: Uint8Array },
    decision: 'approved' | 'refused' = 'approved',
    caller = approver,
  ) => world.seals.uses.decideUse(caller, { requestId: id, decision, digest: hex(unsignedDigest), reason: 'read' })
  beforeAll(async () => {
    world = await createSealWorld(await open())
    await allowOnly(world, { needsSecondPerson: true })
  })
  afterAll(() => world.close())

  it('is waited for, sees the document, and has it sealed once when the caller asks again', async () => {
    const request = fresh()
    const waiting = await waitingFor(request)
    expect(waiting).toMatchObject({ callerId: clerk.id, decision: null, sealId: world.seal.id })
    expect(await phasesOf(world, request.identifier)).toEqual([])
    expect(hex(await world.seals.uses.waitingDocument(approver, waiting.id))).toBe(hex(request.pdf))
    expect(await waitingFor(request)).toMatchObject({ id: waiting.id })
    expect(await decide(waiting)).toMatchObject({ decision: 'approved', decidedBy: approver.id })
    expect(await decide(waiting)).toMatchObject({ decision: 'approved' })
    const [sealed] = await seal(request)
    expect(hex((await seal(request))[0]!.pdf)).toBe(hex(sealed!.pdf))
    expect(await phasesOf(world, request.identifier)).toEqual(['intended', 'sealed'])
    const [used] = await world.seals.uses.useRequests(clerk.departmentCode, { open: false })
    expect(used).toMatchObject({ id: waiting.id, useId: sealed!.useId })
  })

  it('is neither the one who asks, nor of another department, nor without the role, nor for another document', async () => {
    const request = fresh()
    const waiting = await waitingFor(request)
    await rejectsWithCode(decide(waiting, 'approved', { ...approver, id: clerk.id }), 'SEAL_USE_REQUEST_OWN')
    await rejectsWithCode(decide(waiting, 'approved', clerk), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(decide(waiting, 'approved', keeper), 'SEAL_ROLE_MISSING')
    const elsewhere = { ...approver, departmentCode: civil.code }
    await rejectsWithCode(decide(waiting, 'approved', elsewhere), 'SEAL_USE_REQUEST_NOT_FOUND')
    await rejectsWithCode(world.seals.uses.waitingDocument(elsewhere, waiting.id), 'SEAL_USE_REQUEST_NOT_FOUND')
    await rejectsWithCode(decide({ ...waiting, unsignedDigest: new Uint8Array(32) }), 'SEAL_DIGEST_MISMATCH')
    await rejectsWithCode(decide({ ...waiting, id: crypto.randomUUID() }), 'SEAL_USE_REQUEST_NOT_FOUND')
    await decide(waiting)
    const pdf = sealRequest(world, number++).pdf
    const swapped = { ...request, pdf, unsignedDigest: createHash('sha256').update(pdf).digest('hex') }
    await rejectsWithCode(seal(swapped), 'SEAL_SECOND_PERSON_AWAITED')
    const other = world.seals.sealDocuments({ ...clerk, id: 'clerk-2' }, [request])
    await rejectsWithCode(other, 'SEAL_NOT_AUTHORISED')
  })

  it('refuses for good', async () => {
    const request = fresh()
    const waiting = await waitingFor(request)
    await decide(waiting, 'refused')
    await rejectsWithCode(decide(waiting), 'SEAL_USE_REQUEST_CLOSED')
    await rejectsWithCode(seal(request), 'SEAL_USE_REFUSED')
    expect(await phasesOf(world, request.identifier)).toEqual([])
  })

  it('decides once when two decide at the same instant', async () => {
    const waiting = await waitingFor(fresh())
    const results = await Promise.allSettled([
      decide(waiting),
      decide(waiting, 'refused', { ...approver, id: 'approver-2' }),
    ])
    expect(results.map(codeOf).toSorted()).toEqual(['SEAL_USE_REQUEST_CLOSED', 'done'])
  })

  it('seals once when the approved document is asked for by ten at once', async () => {
    const request = fresh()
    await decide(await waitingFor(request))
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => seal(request)))
    expect(results.map(codeOf)).toContain('done')
    expect((await phasesOf(world, request.identifier)).filter((phase) => phase === 'sealed')).toHaveLength(1)
    await seal(request)
  })

  it('is asked anew when the time of a request or of an approval is over', async () => {
    const [waits, stands] = [fresh(), fresh()]
    const first = await waitingFor(waits)
    await decide(await waitingFor(stands))
    world.pki.clock.advance(3 * 86_400_000)
    await rejectsWithCode(decide(first), 'SEAL_USE_REQUEST_CLOSED')
    await rejectsWithCode(world.seals.uses.waitingDocument(approver, first.id), 'SEAL_USE_REQUEST_CLOSED')
    expect((await waitingFor(waits)).id).not.toBe(first.id)
    await rejectsWithCode(seal(stands), 'SEAL_SECOND_PERSON_AWAITED')
  })

  it('has no word where the right was taken away after the approval', async () => {
    const request = fresh()
    await decide(await waitingFor(request))
    const stopped = world.another({
      database: steppingIn(world.database, 1, () => allowOnly(world, { purposes: ['notice'] })),
    })
    await rejectsWithCode(stopped.sealDocuments(clerk, [request]), 'SEAL_NOT_AUTHORISED')
    await allowOnly(world, { needsSecondPerson: true })
    await seal(request)
  })

  it('is not asked where other leave allows the use without', async () => {
    const other = await authorise(world)
    await seal()
    await world.seals.uses.endAuthorisation(keeper, {
      sealId: world.seal.id,
      authorisationId: other.id,
      reason: 'test',
    })
  })

  it('leaves no readable document behind, before the decision or after', async () => {
    const request = fresh()
    const waiting = await waitingFor(request)
    const read = () =>
      world.database.query<{ content: Uint8Array }>(
        `select content from seal.use_request_documents where request_id = $1`,
        [waiting.id],
      )
    expect(Buffer.from((await read())[0]!.content).includes('%PDF')).toBe(false)
    await decide(waiting)
    expect(await read()).toEqual([])
  })

  it('keeps its word: nobody changes a decision on record', async () => {
    const waiting = await waitingFor(fresh())
    await decide(waiting, 'refused')
    const change = `update seal.use_requests set decision = 'approved' where request_id = $1`
    await expect(world.database.query(change, [waiting.id])).rejects.toThrow('decided once')
    await expect(
      world.database.query(`delete from seal.use_requests where request_id = $1`, [waiting.id]),
    ).rejects.toThrow('decided once')
  })

  describe('the receipt of a use', () => {
    const signer = async () => {
      const key = await world.keyStore.generate('receipts', 'ec-p256').catch(() => world.keyStore.get('receipts'))
      const subject = { organisation: '云汀市', organisationCode: '11330199MB3301400C', commonName: '用印回执' }
      const { certificate, chain } = await world.pki.pki.certify({
        profile: 'receipt',
        subject,
        publicKey: key.publicKey,
      })
      return { key, chain: [certificate, ...chain.slice(0, -1)] }
    }
    beforeAll(() => allowOnly(world))

    it('says what was sealed by whom, signed, and is the same whenever it is fetched', async () => {
      const request = sealRequest(world, 4000)
      const service = world.another({ receiptSigner: signer })
      const [sealed] = await service.sealDocuments(clerk, [request])
      const all = await Promise.all(Array.from({ length: 4 }, () => service.uses.receipt(clerk, sealed!.useId)))
      expect(new Set(all).size).toBe(1)
      const { payload, jws } = parseSealReceipt(all[0]!)
      expect(payload).toMatchObject({
        use: sealed!.useId,
        seal: { id: world.seal.id, departmentCode: clerk.departmentCode },
        caller: { id: clerk.id, departmentCode: clerk.departmentCode },
        authorisation: expect.stringMatching(/^\d+$/),
        identifier: request.identifier,
        purpose: request.typeCode,
        digestBefore: request.unsignedDigest,
        digestAfter: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
      expect(await verifyJwsSignature(jws)).toBe(true)
      world.pki.clock.advance(60_000)
      expect(await service.uses.receipt(keeper, sealed!.useId)).toBe(all[0])
    })

    it('is for the departments concerned and the auditors above them', async () => {
      const departments = {
        isWithin: async (ancestor: string, code: string) => ancestor === 'city' || ancestor === code,
        codesWithin: async (ancestor: string) => [ancestor],
      }
      const service = world.another({ receiptSigner: signer, departments })
      const [sealed] = await service.sealDocuments(clerk, [sealRequest(world, 4001)])
      const auditor = { ...clerk, id: 'auditor', roles: ['auditor'], departmentCode: 'city' }
      expect(await service.uses.receipt(auditor, sealed!.useId)).toMatch(/^ey/)
      for (const stranger of [
        { ...auditor, departmentCode: civil.code },
        { ...auditor, roles: ['viewer'] },
      ])
        await rejectsWithCode(service.uses.receipt(stranger, sealed!.useId), 'SEAL_USE_NOT_FOUND')
      await rejectsWithCode(service.uses.receipt(clerk, crypto.randomUUID()), 'SEAL_USE_NOT_FOUND')
      await rejectsWithCode(world.seals.uses.receipt(clerk, await unreceipted()), 'SEAL_RECEIPTS_UNAVAILABLE')
    })

    const unreceipted = async () => (await world.seals.sealDocuments(clerk, [sealRequest(world, 4002)]))[0]!.useId
  })
})
