import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { createBlobs } from '../../platform/index.ts'
import type { Caller, SealService } from '../../seal-service/index.ts'
import { makePdf } from '../pades/documents.ts'
import { onePage } from '../pades/raw-pdf.ts'
import { makeFolder } from '../pki-service/world.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, market, type SealWorld } from './world.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const user: Caller = { id: 'user-1', kind: 'person', departmentCode: market.code, roles: ['seal-user'] }

const point = { at: 'point', page: 1, x: 150, y: 60 } as const
const terms = { places: [point], level: 'B-LT', templateCode: null, keep: false } as const

type Terms = Parameters<SealService['documents']['seal']>[1]['terms']

describe.each(engines)('official documents on $name', ({ open }) => {
  let world: SealWorld
  let desk: SealService['documents']
  let seals: SealService
  const blobs = createBlobs({ folder: makeFolder() })
  beforeAll(async () => {
    world = await createSealWorld(await open())
    seals = world.another({ blobs })
    await seals.start()
    desk = seals.documents
    await allow()
  })
  afterAll(() => world.close())

  const allow = (perDay: number | null = null) =>
    world.database.query(
      `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, per_day, runs_from, needs_second_person, granted_at, granted_by)
       values ($1, 'account', 'user-1', array['documents'], $2, $3, false, $3, 'test')`,
      [world.seal.id, perDay, new Date('2026-01-01T00:00:00Z')],
    )
  const upload = (pdf: Uint8Array, changed: Partial<Terms> = {}, key: string = randomUUID()) => ({
    sealId: world.seal.id,
    terms: { ...terms, ...changed } as Terms,
    documents: [{ name: '通知.pdf', pdf }],
    key,
    requestDigest: createHash('sha256').update(pdf).update(JSON.stringify(changed)).digest(),
  })
  const usesOf = (documentId: string) =>
    world.database.query<{ phase: string; type_code: string; caller_id: string }>(
      'select phase, type_code, caller_id from seal.seal_uses where identifier = $1 order by at, phase',
      [`document:${documentId}`],
    )

  describe('seal', () => {
    it('certifies a plain document at level B-LT, touches no earlier byte and records the use', async () => {
      const pdf = await makePdf({ pages: 2 })
      const { document, pdf: sealed } = await desk.seal(user, upload(pdf))
      expect(hex(sealed.subarray(0, pdf.length))).toBe(hex(pdf))
      expect(document).toMatchObject({ state: 'sealed', level: 'B-LT', shortfall: null, name: '通知.pdf', kept: null })
      const read = readSignedPdf(sealed)
      expect(read.ok && read.signatures).toMatchObject([{ docMdp: 1, page: 0, subFilter: 'ETSI.CAdES.detached' }])
      const uses = await usesOf(document.id)
      expect(uses.map(({ phase }) => phase)).toEqual(['intended', 'sealed'])
      expect(uses[0]).toMatchObject({ type_code: 'documents', caller_id: 'user-1' })
    })

    it('answers a repeat with the same document and counts once, after a restart and at once', async () => {
      const order = upload(await makePdf(), { level: 'B-T' })
      const first = await desk.seal(user, order)
      const restarted = world.another({ blobs })
      await restarted.start()
      const again = await Promise.all([desk.seal(user, order), restarted.documents.seal(user, order)])
      for (const one of again) {
        expect(hex(one.pdf)).toBe(hex(first.pdf))
        expect(one.document.id).toBe(first.document.id)
      }
      expect(await usesOf(first.document.id)).toHaveLength(2)
    })

    it('gives twenty who ask under one key at once one document', async () => {
      const order = upload(await makePdf(), { level: 'B-T' })
      const all = await Promise.all(Array.from({ length: 20 }, () => desk.seal(user, order)))
      expect(new Set(all.map(({ document }) => document.id)).size).toBe(1)
      expect(new Set(all.map(({ pdf }) => hex(pdf))).size).toBe(1)
    })

    it('refuses another document under the same key', async () => {
      const key = randomUUID()
      await desk.seal(user, upload(await makePdf(), {}, key))
      await rejectsWithCode(desk.seal(user, upload(await makePdf({ pages: 2 }), {}, key)), 'SEAL_REQUEST_CONFLICT')
    })

    it('refuses who has no leave, another department, and a role that seals nothing', async () => {
      const order = () => makePdf().then((pdf) => upload(pdf))
      await rejectsWithCode(desk.seal({ ...user, id: 'user-2' }, await order()), 'SEAL_NOT_AUTHORISED')
      await rejectsWithCode(desk.seal(clerk, await order()), 'SEAL_NOT_AUTHORISED')
      await rejectsWithCode(desk.seal({ ...user, departmentCode: civil.code }, await order()), 'SEAL_NOT_YOURS')
      await rejectsWithCode(desk.seal({ ...user, roles: ['viewer'] }, await order()), 'SEAL_ROLE_MISSING')
    })

    it('refuses what cannot be sealed before anything is on record, and says why', async () => {
      const broken = new TextEncoder().encode('%PDF-1.7\nnothing')
      const count = async () =>
        (await world.database.query<{ n: bigint }>('select count(*) as n from seal.documents'))[0]!.n
      const before = await count()
      await expect(desk.seal(user, upload(broken))).rejects.toMatchObject({
        code: 'SEAL_DOCUMENT_REFUSED',
        faults: [{ pointer: '/document', code: 'PADES_XREF_BROKEN' }],
      })
      const pdf = await makePdf()
      const places = [point, { at: 'text', text: '（盖章）', occurrence: 'first' }] as const
      await expect(desk.seal(user, upload(pdf, { places }))).rejects.toMatchObject({
        code: 'SEAL_PLACE_REFUSED',
        faults: [{ pointer: '/places/1', code: 'PADES_TEXT_NOT_FOUND' }],
      })
      await expect(desk.seal(user, upload(pdf, { places: [{ ...point, page: 9 }] }))).rejects.toMatchObject({
        faults: [{ pointer: '/places/0', code: 'PADES_PAGE_NOT_FOUND' }],
      })
      await expect(desk.seal(user, upload(pdf, { places: [{ ...point, x: 5 }] }))).rejects.toMatchObject({
        faults: [{ pointer: '/places/0', code: 'PADES_PLACEMENT_INVALID' }],
      })
      await rejectsWithCode(desk.seal(user, upload(pdf, { places: [] })), 'SEAL_PLACE_REFUSED')
      expect(await count()).toBe(before)
    })

    it('adds an approval signature to what others have signed, and refuses to mark or certify that', async () => {
      const { pdf: signed } = await desk.seal(user, upload(await makePdf({ pages: 2 }), { certification: 'none' }))
      const { pdf: twice, document } = await desk.seal(user, upload(signed, { places: [{ ...point, x: 60 }] }))
      expect(document).toMatchObject({ level: 'B-LT', shortfall: null })
      const read = readSignedPdf(twice)
      expect(read.ok && read.signatures.map(({ docMdp, laterChanges }) => [docMdp, laterChanges])).toEqual([
        [null, 'permitted'],
        [null, 'permitted'],
      ])
      const more = [point, { ...point, page: 2 }]
      await expect(desk.seal(user, upload(signed, { places: more }))).rejects.toMatchObject({
        faults: [{ code: 'PADES_MARKS_AFTER_SIGNATURE' }],
      })
      await expect(desk.seal(user, upload(signed, { certification: 'final' }))).rejects.toMatchObject({
        faults: [{ code: 'PADES_ALREADY_SIGNED' }],
      })
      const { pdf: certified } = await desk.seal(user, upload(await makePdf()))
      await expect(desk.seal(user, upload(certified))).rejects.toMatchObject({
        code: 'SEAL_DOCUMENT_REFUSED',
        faults: [{ code: 'PADES_CHANGES_NOT_PERMITTED' }],
      })
    })

    it('keeps the sealed document when asked to, enciphered, until it is removed', async () => {
      const order = upload(await makePdf(), { keep: true })
      const { document, pdf } = await desk.seal(user, order)
      expect(hex((await desk.content(user, document.id)).pdf)).toBe(hex(pdf))
      expect(hex((await desk.seal(user, order)).pdf)).toBe(hex(pdf))
      const [row] = await world.database.query<{ blob_digest: string }>(
        'select blob_digest from seal.documents where document_id = $1',
        [document.id],
      )
      expect(Buffer.from(await blobs.get(row!.blob_digest)).includes('%PDF')).toBe(false)
      await rejectsWithCode(
        desk.content({ ...user, departmentCode: civil.code }, document.id),
        'SEAL_DOCUMENT_NOT_FOUND',
      )
      await desk.forget(user, document.id)
      expect(await blobs.has(row!.blob_digest)).toBe(false)
      await rejectsWithCode(desk.content(user, document.id), 'SEAL_DOCUMENT_NOT_KEPT')
      expect((await desk.read(market.code, document.id)).state).toBe('sealed')
    })

    it('hands what is kept to whoever handed it in, the keeper and whoever may seal the like, and lets no others remove it', async () => {
      const { document, pdf } = await desk.seal(user, upload(await makePdf(), { keep: true }))
      const keeper: Caller = { ...user, id: 'keeper-1', roles: ['seal-keeper'] }
      const colleague: Caller = { ...user, id: 'user-4' }
      for (const [other, code] of [
        [clerk, 'SEAL_NOT_AUTHORISED'],
        [colleague, 'SEAL_NOT_AUTHORISED'],
        [{ ...user, id: 'viewer-1', roles: ['viewer'] }, 'SEAL_ROLE_MISSING'],
      ] as const) {
        await rejectsWithCode(desk.content(other, document.id), code)
        await rejectsWithCode(desk.forget(other, document.id), code)
      }
      await world.database.query(
        `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, runs_until, needs_second_person, granted_at, granted_by)
         values ($1, 'account', 'user-4', array['documents'], $2, $3, false, $2, 'test')`,
        [world.seal.id, new Date('2026-01-01T00:00:00Z'), new Date(world.pki.clock.now().getTime() + 60_000)],
      )
      for (const reader of [user, keeper, { ...colleague, name: '王小明' }])
        expect(hex((await desk.content(reader, document.id)).pdf)).toBe(hex(pdf))
      const { accesses } = await desk.readWithAccesses(market.code, document.id)
      expect(accesses.map(({ what, callerId, callerName }) => [what, callerId, callerName])).toEqual([
        ['read', 'user-4', '王小明'],
        ['read', 'keeper-1', null],
        ['read', 'user-1', null],
      ])
      world.pki.clock.advance(61_000)
      await rejectsWithCode(desk.content(colleague, document.id), 'SEAL_NOT_AUTHORISED')
      await desk.forget(keeper, document.id)
      await desk.forget(keeper, document.id)
      const after = (await desk.readWithAccesses(market.code, document.id)).accesses
      expect([after.length, after[0]]).toMatchObject([4, { what: 'removed', callerId: 'keeper-1' }])
      await expect(world.database.query(`update seal.document_accesses set caller_id = 'nobody'`)).rejects.toThrow()
      await expect(world.database.query('delete from seal.document_accesses')).rejects.toThrow()
    })

    it('takes nothing from the quota for a repeat, and refuses beyond it', async () => {
      const limited = { ...user, id: 'user-3' }
      await world.database.query(
        `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, per_day, runs_from, needs_second_person, granted_at, granted_by)
         values ($1, 'account', 'user-3', array['documents'], 2, $2, false, $2, 'test')`,
        [world.seal.id, new Date('2026-01-01T00:00:00Z')],
      )
      const order = upload(await makePdf(), { level: 'B-B' })
      for (let i = 0; i < 3; i++) await desk.seal(limited, order)
      await desk.seal(limited, upload(await makePdf(), { level: 'B-B' }))
      await rejectsWithCode(desk.seal(limited, upload(await makePdf(), { level: 'B-B' })), 'SEAL_QUOTA_EXHAUSTED')
    })
  })

  describe('preview', () => {
    it('tells pages, places found and why others were not, and records nothing', async () => {
      const places = [
        { at: 'text', text: 'Page 2', occurrence: 'first', up: 30, right: 40 },
        { at: 'edge', edge: 'right' },
        { at: 'text', text: 'Seite', occurrence: 'all' },
      ] as const
      const pdf = await makePdf({ pages: 3 })
      const preview = await desk.preview(user, { sealId: world.seal.id, places, pdf })
      expect(preview.pages).toHaveLength(3)
      expect(preview.pages[0]).toEqual({ width: 210, height: 297 })
      expect(preview).toMatchObject({ signatures: 0, docMdp: null, emptyFields: [] })
      const [text, edge, missing] = preview.places
      expect(text).toMatchObject({ marks: [{ page: 2, width: 45, height: 45, strip: null }] })
      expect(edge).toMatchObject({ marks: [{ page: 1 }, { page: 2 }, { page: 3 }] })
      expect(missing).toMatchObject({ code: 'PADES_TEXT_NOT_FOUND' })
      await rejectsWithCode(
        desk.preview({ ...user, departmentCode: civil.code }, { sealId: world.seal.id, places, pdf }),
        'SEAL_NOT_YOURS',
      )
    })
  })

  /** A page whose reading takes more than half of what a document may cost. */
  const muchText = () =>
    onePage(
      Array.from({ length: 750 }, (_, n) => `BT /F1 1 Tf 10 ${10 + n} Td (${'abcdefghij'.repeat(10)}) Tj ET `).join(''),
    )

  it('looks for all texts of a preview in one reading of the document', async () => {
    const pdf = muchText()
    const texts = Array.from({ length: 49 }, (_, n) => ({ at: 'text', text: `${n}`, occurrence: 'all' }) as const)
    const places = [{ at: 'text', text: 'x', occurrence: 'last' } as const, ...texts]
    const preview = await desk.preview(user, { sealId: world.seal.id, places, pdf })
    expect(preview.places).toMatchObject([
      { code: 'PADES_LIMIT_EXCEEDED' },
      ...Array(49).fill({ code: 'PADES_TEXT_NOT_FOUND' }),
    ])
  })

  describe('batches', () => {
    const batch = async (count: number, key: string = randomUUID()) => {
      const documents = []
      for (let i = 0; i < count; i++) documents.push({ name: `${i}.pdf`, pdf: await makePdf({ pages: 1 + (i % 2) }) })
      return { ...upload(documents[0]!.pdf, { level: 'B-T' }, key), documents }
    }

    it('seals what waits, one bad document among them refused by itself, and hands out the results', async () => {
      const order = await batch(12)
      order.documents[4] = { name: 'bad.pdf', pdf: new TextEncoder().encode('no PDF') }
      const taken = await desk.takeBatch(user, order)
      expect(taken.documents.filter(({ state }) => state === 'waiting')).toHaveLength(11)
      expect((await desk.takeBatch(user, order)).order.id).toBe(taken.order.id)
      expect(await desk.sealWaiting()).toBe(11)
      const { documents } = await desk.readBatch(market.code, taken.order.id)
      expect(documents[4]).toMatchObject({ state: 'refused', refusal: { code: 'PADES_XREF_BROKEN' } })
      await rejectsWithCode(desk.content(clerk, documents[11]!.id), 'SEAL_NOT_AUTHORISED')
      await rejectsWithCode(desk.forget(clerk, documents[11]!.id), 'SEAL_NOT_AUTHORISED')
      const { pdf } = await desk.content(user, documents[11]!.id)
      expect(hex(pdf.subarray(0, order.documents[11]!.pdf.length))).toBe(hex(order.documents[11]!.pdf))
      await rejectsWithCode(desk.readBatch(civil.code, taken.order.id), 'SEAL_DOCUMENT_NOT_FOUND')
      world.pki.clock.advance(4 * 86_400_000)
      await desk.sealWaiting()
      await rejectsWithCode(desk.content(user, documents[11]!.id), 'SEAL_DOCUMENT_NOT_KEPT')
    })

    it('lets others have their turn between two documents, and reads no more when those before took too long', async () => {
      const order = await batch(1)
      order.documents.push(...Array.from({ length: 150 }, () => ({ name: 'bad.pdf', pdf: Buffer.from('no PDF') })))
      const isTaken = desk.takeBatch(user, order)
      let [turns, isOver] = [0, false]
      void isTaken.finally(() => {
        isOver = true
      })
      for (; !isOver; turns++) await new Promise((resolve) => setImmediate(resolve))
      expect(turns).toBeGreaterThan(150)
      const codesOf = (documents: readonly { refusal: { code: string } | null }[]) =>
        documents.map(({ refusal }) => refusal?.code ?? null)
      expect(codesOf((await isTaken).documents)).toEqual([null, ...Array(150).fill('PADES_XREF_BROKEN')])
      const hurried = world.another({ blobs, batchReadingMs: 0 })
      await hurried.start()
      const slow = upload(muchText(), { places: [{ at: 'text', text: 'x', occurrence: 'last' }] })
      const { documents } = await hurried.documents.takeBatch(user, {
        ...slow,
        documents: [...slow.documents, ...(await batch(2)).documents],
      })
      expect(codesOf(documents)).toEqual(['PADES_TEXT_NOT_FOUND', 'PADES_LIMIT_EXCEEDED', 'PADES_LIMIT_EXCEEDED'])
      await desk.sealWaiting()
    })

    it('goes on after a restart in the middle, with two processes at once, and seals each once', async () => {
      const taken = await desk.takeBatch(user, await batch(30))
      const stopping = new AbortController()
      const first = desk.sealWaiting(stopping.signal)
      stopping.abort()
      await first
      const other = world.another({ blobs })
      await other.start()
      world.pki.clock.advance(120_000)
      await Promise.all([desk.sealWaiting(), other.documents.sealWaiting()])
      await desk.sealWaiting()
      const { documents } = await desk.readBatch(market.code, taken.order.id)
      expect(documents.every(({ state }) => state === 'sealed')).toBe(true)
      for (const { id } of documents.slice(0, 5))
        expect((await usesOf(id)).filter(({ phase }) => phase === 'sealed')).toHaveLength(1)
    })

    it('lets what waits for a second person rest, and seals it once that is given', async () => {
      await world.database.query(
        `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
         values ($1, 'account', 'user-4', array['documents'], $2, true, $2, 'test')`,
        [world.seal.id, new Date('2026-01-01T00:00:00Z')],
      )
      const second = { ...user, id: 'user-4' }
      const taken = await desk.takeBatch(second, await batch(12))
      expect(await desk.sealWaiting()).toBe(0)
      const requests = await world.database.query<{ request_id: string }>(
        `select request_id from seal.use_requests where caller_id = 'user-4' and decision is null`,
      )
      expect(requests).toHaveLength(12)
      await world.database.query(
        `update seal.use_requests set decision = 'approved', decided_at = $1, decided_by = 'approver-1' where caller_id = 'user-4'`,
        [world.pki.clock.now()],
      )
      expect(await desk.sealWaiting()).toBe(0)
      world.pki.clock.advance(61_000)
      expect(await desk.sealWaiting()).toBe(12)
      const { documents } = await desk.readBatch(market.code, taken.order.id)
      expect(documents.every(({ state }) => state === 'sealed')).toBe(true)
    })

    it('tries again what failed through no fault of its own, counts it once, and gives up in the end', async () => {
      let failures = 1
      const failing = {
        ...blobs,
        put: async (bytes: Uint8Array) => (failures-- > 0 ? Promise.reject(new Error('full')) : blobs.put(bytes)),
      }
      const taken = await desk.takeBatch(user, await batch(1))
      const breaking = world.another({ blobs: failing })
      await breaking.start()
      expect(await breaking.documents.sealWaiting()).toBe(0)
      world.pki.clock.advance(61_000)
      expect(await breaking.documents.sealWaiting()).toBe(1)
      const { documents } = await desk.readBatch(market.code, taken.order.id)
      expect(documents).toMatchObject([{ state: 'sealed', attempts: 1 }])
      expect(await usesOf(documents[0]!.id)).toHaveLength(2)
      const hopeless = await desk.takeBatch(user, await batch(1))
      failures = 100
      for (let i = 0; i < 5; i++) {
        await breaking.documents.sealWaiting()
        world.pki.clock.advance(61_000)
      }
      expect((await desk.readBatch(market.code, hopeless.order.id)).documents).toMatchObject([
        { state: 'refused', refusal: { code: 'INTERNAL_ERROR' } },
      ])
    })

    it('refuses 201 documents, and batches where nothing can be kept', async () => {
      const many = {
        ...(await batch(1)),
        documents: Array.from({ length: 201 }, () => ({ name: 'a', pdf: new Uint8Array() })),
      }
      await rejectsWithCode(desk.takeBatch(user, many), 'SEAL_GROUP_TOO_LARGE')
      await rejectsWithCode(world.seals.documents.takeBatch(user, await batch(2)), 'SEAL_DOCUMENT_NOT_KEPT')
    })

    it('refuses what a seal no longer in use should seal, and keeps nothing of it', async () => {
      const taken = await desk.takeBatch(user, await batch(2))
      const [{ id }] = (await world.database.query<{ id: bigint }>(
        `insert into seal.seal_events (seal_id, action, state, reason, caller_id, at) values ($1, 'suspend', 'suspended', 'test', 'test', $2) returning id`,
        [world.seal.id, world.pki.clock.now()],
      )) as [{ id: bigint }]
      expect(id).toBeGreaterThan(0n)
      await world.database.query(`update seal.seals set state = 'suspended' where id = $1`, [world.seal.id])
      expect(await desk.sealWaiting()).toBe(2)
      const { documents } = await desk.readBatch(market.code, taken.order.id)
      expect(documents).toMatchObject([
        { state: 'refused', refusal: { code: 'SEAL_SUSPENDED' }, kept: null },
        { state: 'refused', kept: null },
      ])
    })
  })
})
