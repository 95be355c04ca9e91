import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sealer } from '../../licence-service/index.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { claimsOf, clerk, createSealWorld, identifierOf, type SealWorld, sealRequest } from '../seal-service/world.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

/** The ways in which the licence service reaches a sealer. Each must behave alike. */
const forms: readonly { readonly form: string; readonly connect: (world: SealWorld) => Sealer }[] = [
  { form: 'a function call', connect: (world) => world.seals },
]

describe.each(forms)('a sealer reached by $form', ({ connect }) => {
  let world: SealWorld
  let sealer: Sealer
  beforeAll(async () => {
    world = await createSealWorld(await engines[0]!.open())
    sealer = connect(world)
  })
  afterAll(() => world.close())

  it('answers statements in the order of the requests', async () => {
    const requests = [3, 1, 2].map((number) => ({ identifier: identifierOf(number), claims: claimsOf(number) }))
    const statements = await sealer.signStatements(clerk, requests)
    expect(statements.map(({ identifier }) => identifier)).toEqual(requests.map(({ identifier }) => identifier))
    for (const { text } of statements) expect(text).toMatch(/^HTTPS?:\/\/[A-Z0-9.:-]+\/Q\/[A-Z2-7]+$/)
  })

  it('answers sealed documents in the order of the requests, each with its original as prefix', async () => {
    const requests = [6, 4, 5].map((number) => sealRequest(world, number))
    const sealed = await sealer.sealDocuments(clerk, requests)
    sealed.forEach(({ identifier, pdf }, index) => {
      const request = requests[index]!
      expect(identifier).toBe(request.identifier)
      expect(Buffer.compare(pdf.subarray(0, request.pdf.length), request.pdf)).toBe(0)
      const read = readSignedPdf(pdf)
      expect(read.ok && read.signatures.map(({ coversWholeFile }) => coversWholeFile)).toEqual([true])
    })
    expect(new Set(sealed.map(({ useId }) => useId)).size).toBe(3)
  })

  it('answers a repeat of either call byte for byte', async () => {
    const statement = { identifier: identifierOf(7), claims: claimsOf(7) }
    const document = sealRequest(world, 7)
    const first = [await sealer.signStatements(clerk, [statement]), await sealer.sealDocuments(clerk, [document])]
    world.pki.clock.advance(5000)
    const second = [await sealer.signStatements(clerk, [statement]), await sealer.sealDocuments(clerk, [document])]
    expect(second).toEqual(first)
  })

  it('refuses with the same codes', async () => {
    const viewer = { ...clerk, roles: ['viewer'] }
    await rejectsWithCode(sealer.sealDocuments(viewer, [sealRequest(world, 8)]), 'SEAL_ROLE_MISSING')
    const unknown = sealRequest(world, 8, { sealId: '33019900000099' })
    await rejectsWithCode(sealer.sealDocuments(clerk, [unknown]), 'SEAL_NOT_FOUND')
    const other = { identifier: identifierOf(8), claims: claimsOf(9) }
    await rejectsWithCode(sealer.signStatements(clerk, [other]), 'STATEMENT_IDENTIFIER_MISMATCH')
  })

  it('answers empty groups with nothing', async () => {
    expect(await sealer.signStatements(clerk, [])).toEqual([])
    expect(await sealer.sealDocuments(clerk, [])).toEqual([])
  })
})
