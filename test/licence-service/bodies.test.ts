// Licences on uploaded documents (批文 and their like): issued, judged, repeated, broken off, refused.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidenceOfHouse } from '../../bin/evidence.ts'
import { createGatherer, findSubject, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { makeSealer } from '../pades/documents.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, otherClerk } from '../support/service.ts'
import { isMissing, run } from '../support/tools.ts'
import { allowSeal, approvalType, holder, makeApproval, openApprovals } from './bodies-desk.ts'
import { type Desk, openDesk, publishTemplate } from './catalogue-desk.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const DAY = 86_400_000

for (const engine of engines)
  describe(`licences on uploaded documents on ${engine.name}`, { timeout: 120_000 }, () => {
    let desk: Desk
    let approval: Uint8Array
    let digest: string

    beforeAll(async () => {
      desk = await openDesk(engine)
      await openApprovals(desk)
      approval = await makeApproval()
      digest = sha256(approval)
    }, 120_000)
    afterAll(async () => {
      await desk?.close()
    })

    const handIn = (pdf: Uint8Array) => desk.call('clerk', 'POST', '/api/licence-bodies', pdf)
    const issue = (key: string, body: unknown, change: object = {}) =>
      desk.call(
        'clerk',
        'POST',
        '/api/licences',
        { typeCode: approvalType, data: holder, body, ...change },
        key.replaceAll(' ', '-'),
      )
    const issued = async (key: string): Promise<{ identifier: string; pdf: Uint8Array }> => {
      await handIn(approval)
      const { status, json } = await issue(key, { digest })
      expect(status, JSON.stringify(json)).toBe(201)
      const document = await desk.call('clerk', 'GET', `/api/licences/${json.identifier}/document`)
      return { identifier: json.identifier, pdf: document.bytes }
    }
    const verify = async (bytes: Uint8Array): Promise<VerificationReport> => {
      const { house } = desk
      await house.licences.publishLists()
      const policy = { trustAnchors: house.pki.anchors() }
      const source = { crls: () => house.pki.crls(), licences: house.licences }
      const gather = createGatherer(evidenceOfHouse(source, 'https://licence.example.test'))
      const found = await gather(findSubject(bytes))
      return verifyDocument({ name: 'approval.pdf', bytes }, found, policy, house.clock.now())
    }
    /** Days pass, and the lists of the PKI with them. */
    const pass = async (days: number) => {
      desk.house.clock.advance(days * DAY)
      await desk.house.pki.refreshCrls()
      await desk.house.pki.refreshAnswers()
    }
    const codesOf = ({ findings }: VerificationReport) => findings.map(({ code }) => code)

    it('begin with the very file that was handed in, and carry data, statement and seal', async () => {
      const handedIn = await handIn(approval)
      expect(handedIn.status, JSON.stringify(handedIn.json)).toBe(201)
      const page = { width: 210, height: 297 }
      expect(handedIn.json).toMatchObject({ digest, bytes: approval.length, risks: [], pages: [page, page] })
      const { identifier, pdf } = await issued('first')
      expect(Buffer.compare(pdf.subarray(0, approval.length), approval)).toBe(0)
      const { data } = (await desk.call('clerk', 'GET', `/api/licences/${identifier}`)).json
      expect(data.body).toMatchObject({ digest, bytes: approval.length, pages: 2, qr: { page: 1 }, seal: { page: 1 } })
      const report = await verify(pdf)
      expect(report).toMatchObject({ verdict: 'accepted', licence: { identifier, status: 'in force' } })
      expect(codesOf(report)).toContain('BODY_AS_UPLOADED')
      expect(codesOf(report).filter((code) => code.startsWith('CONTENT_'))).toEqual([])
      expect(report.signatures[0]).toMatchObject({ level: 'B-LTA', laterChanges: 'permitted' })
    })

    it.skipIf(isMissing('pdfsig', 'qpdf', 'pdftotext'))('stand up to pdfsig and qpdf, and read as before', async () => {
      const { pdf } = await issued('for others')
      const folder = mkdtempSync(join(tmpdir(), 'zhengyin-body-'))
      try {
        const [before, after] = [join(folder, 'before.pdf'), join(folder, 'after.pdf')]
        writeFileSync(before, approval)
        writeFileSync(after, pdf)
        expect(run('pdfsig', ['-nocert', after]).stdout).toContain('Signature is Valid')
        expect(run('qpdf', ['--check', after]).status).toBe(0)
        expect(run('pdftotext', [after, '-']).stdout).toBe(run('pdftotext', [before, '-']).stdout)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

    it('live as others do: suspended, restored, followed by the next version on another document, revoked', async () => {
      const { identifier, pdf } = await issued('lives')
      const { house } = desk
      await house.licences.suspend(clerk, { identifier, reason: '复核', key: 'suspended' })
      expect((await verify(pdf)).licence?.status).toBe('suspended')
      await house.licences.restore(clerk, { identifier, reason: '复核完毕', key: 'restored' })
      const next = await makeApproval({ pages: 1 })
      await handIn(next)
      const change = { action: 'change', reason: '补正', data: holder, body: { digest: sha256(next) } }
      const changed = await desk.call('clerk', 'POST', `/api/licences/${identifier}/acts`, change, 'changed')
      expect(changed.status, JSON.stringify(changed.json)).toBe(201)
      const successor: string = changed.json.successor.identifier
      expect((await verify(pdf)).licence).toMatchObject({ status: 'superseded', replacedBy: successor })
      const { history } = await house.licences.readStatus(identifier)
      expect(history.map(({ status }) => status)).toEqual(['in force', 'suspended', 'in force', 'superseded'])
      const second = await desk.call('clerk', 'GET', `/api/licences/${successor}/document`)
      expect(Buffer.compare(second.bytes.subarray(0, next.length), next)).toBe(0)
      await house.licences.revoke(clerk, { identifier: successor, reason: '违法', key: 'revoked' })
      expect(await verify(second.bytes)).toMatchObject({ verdict: 'refused', licence: { status: 'revoked' } })
    })

    it('are made of approval results that name the document, once for each case', async () => {
      const { approvals } = desk.house.licences
      const result = await makeApproval({ pages: 1, lines: [{ text: 'Case 7', x: 80, y: 350 }] })
      await handIn(result)
      const submission = {
        ...{ caseNumber: 'YT-7', itemCode: '1', typeCode: approvalType, data: holder },
        ...{ applicant: { name: '程亦舟', code: '330199199506143717' }, decidedAt: new Date('2026-11-20T08:00:00Z') },
      }
      await expect(approvals.submit(clerk, submission)).rejects.toMatchObject({ code: 'LICENCE_BODY_MISSING' })
      const named = { ...submission, body: { digest: sha256(result) } }
      expect((await approvals.submit(clerk, named)).state).toBe('waiting')
      await pass(9)
      const name = { departmentCode: clerk.departmentCode, caseNumber: 'YT-7', typeCode: approvalType }
      const { identifier } = await approvals.issue(clerk, name)
      const bytes = await desk.house.licences.readDocument(clerk, identifier!)
      expect(Buffer.compare(bytes.subarray(0, result.length), result)).toBe(0)
      expect((await approvals.issue(clerk, name)).identifier).toBe(identifier)
    })

    it('bear the seal on the words that their type names, and are refused where these are missing', async () => {
      const path = `/api/templates/${approvalType}`
      const opened = (await desk.call('editor', 'GET', `${path}/draft`)).json
      const body = { qr: { page: 'first' }, seal: { text: '(Seal)', up: 3 } }
      await publishTemplate(desk, approvalType, { ...opened.definition, body }, opened.definitionDigest)
      const pdf = await makeApproval({ lines: [{ text: 'The Bureau (Seal)', x: 300, y: 200, page: 1 }] })
      const handedIn = await desk.call('clerk', 'POST', `/api/licence-bodies?typeCode=${approvalType}`, pdf)
      expect(handedIn.json.places).toMatchObject({ qr: { page: 0 }, seal: { page: 1 } })
      const { json } = await issue('on words', { digest: sha256(pdf) })
      const { data } = (await desk.call('clerk', 'GET', `/api/licences/${json.identifier}`)).json
      expect(data.body.seal).toEqual(handedIn.json.places.seal)
      expect(Math.abs(data.body.seal.y - (203 * 25.4) / 72 - 3)).toBeLessThan(2)
      const silent = await desk.call('clerk', 'POST', `/api/licence-bodies?typeCode=${approvalType}`, approval)
      expect(silent.json).toMatchObject({ places: null, placeFault: { code: 'PADES_TEXT_NOT_FOUND' } })
      const refused = await issue('no words', { digest })
      expect(refused.json.errors[0]).toMatchObject({ pointer: '/body/seal', code: 'PADES_TEXT_NOT_FOUND' })
      const again = (await desk.call('editor', 'GET', `${path}/draft`)).json
      await publishTemplate(desk, approvalType, opened.definition, again.definitionDigest)
    })

    it('are drawn by a template that says so as the catalogue does, and by no other', async () => {
      const path = `/api/templates/${approvalType}`
      const { definition, definitionDigest } = (await desk.call('editor', 'GET', `${path}/draft`)).json
      const { body: _, ...drawn } = definition
      const saved = await desk.call('editor', 'PUT', `${path}/draft`, { definition: drawn, replaces: definitionDigest })
      const review = { definitionDigest: saved.json.definitionDigest }
      const refused = await desk.call('reviewer', 'POST', `${path}/reviews`, review)
      expect([refused.json.code, refused.json.errors[0].pointer]).toEqual(['TYPE_ENTRY_INVALID', '/body'])
      await desk.call('editor', 'PUT', `${path}/draft`, { definition, replaces: review.definitionDigest })
    })

    it('are changed on a later day by the document that the order named, however long that waited', async () => {
      const { identifier } = await issued('ordered')
      const next = await makeApproval({ pages: 3 })
      await handIn(next)
      const effectiveAt = new Date(desk.house.clock.now().getTime() + 20 * DAY).toISOString()
      const order = { action: 'change', reason: '补正', data: holder, effectiveAt, body: { digest: sha256(next) } }
      const ordered = await desk.call('clerk', 'POST', `/api/licences/${identifier}/acts`, order, 'order')
      expect(ordered.status, JSON.stringify(ordered.json)).toBe(202)
      await pass(21)
      await desk.house.licences.carryOutOrders()
      const { replacedBy } = (await desk.call('clerk', 'GET', `/api/licences/${identifier}`)).json
      const { data } = (await desk.call('clerk', 'GET', `/api/licences/${replacedBy}`)).json
      expect(data.body).toMatchObject({ digest: sha256(next), pages: 3 })
    })

    it('have copies that show their purpose across every page, with every field or none', async () => {
      const { identifier, pdf } = await issued('copied')
      const { house } = desk
      const order = {
        ...{ identifier, purpose: '办理施工许可', recipient: { name: '云汀市住房和城乡建设局' } },
        ...{ expiresAt: new Date(house.clock.now().getTime() + 30 * DAY), key: 'part of it' },
      }
      await expect(house.licences.copies.make(clerk, { ...order, fields: ['holderName'] })).rejects.toMatchObject({
        code: 'COPY_FIELDS_REFUSED',
      })
      const fields = ['holderName', 'holderCode']
      const { copyId } = await house.licences.copies.make(clerk, { ...order, fields, key: 'all of it' })
      const copy = await house.licences.copies.document(clerk, copyId)
      expect(Buffer.compare(copy.subarray(0, approval.length), approval)).toBe(0)
      expect(copy.length).toBeGreaterThan(pdf.length)
      expect(await verify(copy)).toMatchObject({ verdict: 'accepted', licence: { identifier, copy: { copyId } } })
      if (process.env['KEEP_PDF']) writeFileSync(`${process.env['KEEP_PDF']}-copy.pdf`, copy)
    })

    it('answer a repeated key as the first time, at once or later, and refuse it with another document', async () => {
      await handIn(approval)
      const both = await Promise.all([issue('repeated', { digest }), issue('repeated', { digest })])
      expect(both.map(({ status }) => status)).toEqual([201, 201])
      expect(both[0]!.json).toEqual(both[1]!.json)
      const other = await makeApproval({ pages: 1 })
      await handIn(other)
      expect((await issue('repeated', { digest: sha256(other) })).json.code).toBe('IDEMPOTENCY_KEY_REUSED')
      await pass(8)
      expect((await issue('repeated', { digest })).json).toEqual(both[0]!.json)
    })

    for (const broken of ['blobs', 'seal', 'statement'] as const)
      it(`are completed by whoever comes next where ${broken} broke between the intent and the register`, async () => {
        await handIn(approval)
        const fail = async (): Promise<never> => {
          throw new Error('broken by the test')
        }
        let puts = 0
        const crashing = await desk.house.reopen({
          ...(broken === 'blobs' && {
            // The first put is that of the body, before anything is on record.
            blobs: (blobs) => ({ ...blobs, putMany: (many) => (++puts === 1 ? blobs.putMany(many) : fail()) }),
          }),
          sealer: (sealer) => ({
            ...sealer,
            ...(broken === 'seal' && {
              sealDocuments: async (caller, requests) => {
                await sealer.sealDocuments(caller, requests)
                return fail()
              },
            }),
            ...(broken === 'statement' && { signStatements: fail }),
          }),
        })
        await allowSeal(desk.house)
        const request = { key: `crash-${broken}`, typeCode: approvalType, data: holder, body: { digest } }
        const [first] = await crashing.licences.issueLicences(clerk, [request])
        await crashing.close()
        expect(first?.ok).toBe(false)
        const prepared = await desk.house.database.query<{ identifier: string }>(
          `select identifier from licence.licences where state = 'prepared'`,
          [],
        )
        expect(prepared).toHaveLength(1)
        await allowSeal(desk.house)
        const { licences, clock } = desk.house
        const resumed = await licences.resumeIssuance(new Date(clock.now().getTime() + 1000))
        expect(resumed).toEqual({ completed: 1, left: 0 })
        const [again] = await licences.issueLicences(clerk, [request])
        expect(again?.ok && again.licence.identifier).toBe(prepared[0]!.identifier)
        const bytes = await licences.readDocument(clerk, prepared[0]!.identifier)
        expect((await verify(bytes)).verdict).toBe('accepted')
      })

    it('keep what waits sealed and by a keyed hash, forget it in time, and know no other department’s', async () => {
      const lonely = await makeApproval({ pages: 1, lines: [{ text: 'nobody issues this', x: 80, y: 300 }] })
      await handIn(lonely)
      const rows = await desk.house.database.query<{ blob: string; mac: Uint8Array }>(
        'select blob, digest_mac as mac from licence.waiting_bodies',
        [],
      )
      for (const { blob, mac } of rows) {
        expect(Buffer.from(mac).toString('hex')).not.toBe(sha256(lonely))
        expect(Buffer.from(await desk.house.blobs.get(blob)).includes('%PDF')).toBe(false)
      }
      const body = { digest: sha256(lonely) }
      const request = { typeCode: approvalType, data: holder, body, key: 'of others' }
      const [strange] = await desk.house.licences.issueLicences(otherClerk, [request])
      expect(strange?.ok).toBe(false)
      await pass(8)
      expect((await issue('too late', body)).json.code).toBe('LICENCE_BODY_NOT_FOUND')
    })

    it('are previewed with frames for code and seal, and nothing is recorded', async () => {
      await handIn(approval)
      const preview = await desk.call('clerk', 'POST', '/api/licences/previews', {
        ...{ typeCode: approvalType, data: holder, body: { digest } },
      })
      expect(preview.status).toBe(200)
      expect(Buffer.compare(preview.bytes.subarray(0, approval.length), approval)).toBe(0)
      if (process.env['KEEP_PDF']) writeFileSync(`${process.env['KEEP_PDF']}-preview.pdf`, preview.bytes)
    })

    it('take the places that a clerk chose, on pages of any size, cropped or turned', async () => {
      const turned = await makeApproval({ pages: 1, turned: 90, size: [595.28, 900] })
      await handIn(turned)
      const body = { digest: sha256(turned), qr: { page: 0, x: 250, y: 30 }, seal: { page: 0, x: 180, y: 40 } }
      const { status, json } = await issue('turned', body)
      expect(status, JSON.stringify(json)).toBe(201)
      const { bytes } = await desk.call('clerk', 'GET', `/api/licences/${json.identifier}/document`)
      expect((await verify(bytes)).verdict).toBe('accepted')
      if (process.env['KEEP_PDF']) writeFileSync(`${process.env['KEEP_PDF']}-turned.pdf`, bytes)
    })

    it.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
      ['what is no PDF', () => Buffer.from('PK\u0003\u0004 a table'), 'PADES_NOT_A_PDF'],
      ['a PDF cut in the middle', async () => (await makeApproval()).subarray(0, 700), 'PADES_'],
      ['scripts', () => makeApproval({ script: true }), 'PADES_ACTIVE_CONTENT'],
      ['files inside it', () => makeApproval({ file: true }), 'PADES_FILES_EMBEDDED'],
      ['a signature', async () => (await makeSealer()).seal(await makeApproval()), 'PADES_ALREADY_SIGNED'],
    ])('are not made of %s', async (_what, make, code) => {
      const refused = await handIn(await make())
      expect(refused.json, JSON.stringify(refused.json)).toMatchObject({ status: 422, code: 'LICENCE_BODY_REFUSED' })
      expect(refused.json.errors[0].code).toContain(code)
    })

    it('are not made of encrypted documents', async ({ skip }) => {
      if (isMissing('qpdf')) skip('qpdf is not here')
      const folder = mkdtempSync(join(tmpdir(), 'zhengyin-body-'))
      const [plain, locked] = [join(folder, 'plain.pdf'), join(folder, 'locked.pdf')]
      writeFileSync(plain, approval)
      run('qpdf', ['--encrypt', '', 'owner', '256', '--', plain, locked])
      const refused = await handIn(readFileSync(locked))
      rmSync(folder, { recursive: true })
      expect(refused.json.errors[0].code).toBe('PADES_ENCRYPTED')
    })

    it('are not made of more than the limit, before it is read', async () => {
      const { status, json } = await handIn(new Uint8Array((24 << 20) + 1))
      expect([status, json.code]).toEqual([413, 'REQUEST_BODY_TOO_LARGE'])
    })

    it('hide no text under the code, and want room for both, whole and apart', async () => {
      const crowded = await makeApproval({ pages: 1, lines: [{ text: 'The Bureau', x: 110, y: 110 }] })
      const small = await makeApproval({ pages: 1, size: [200, 200] })
      await handIn(crowded)
      await handIn(small)
      await handIn(approval)
      const tried = async (key: string, body: unknown) => {
        const { json } = await issue(key, body)
        return [json.code, json.errors?.[0].pointer, json.errors?.[0].code]
      }
      const refused = 'LICENCE_BODY_PLACE_REFUSED'
      expect(await tried('crowded', { digest: sha256(crowded) })).toEqual([refused, '/body/qr', 'PADES_PLACE_TAKEN'])
      expect(await tried('small', { digest: sha256(small) })).toEqual([refused, '/body/seal', 'OFF_THE_PAGE'])
      const far = { digest, seal: { page: 2, x: 100, y: 100 } }
      expect(await tried('far', far)).toEqual([refused, '/body/seal', 'PAGE_NOT_THERE'])
      const near = { digest, qr: { page: 1, x: 60, y: 60 }, seal: { page: 1, x: 70, y: 70 } }
      expect(await tried('near', near)).toEqual([refused, '/body/seal', 'PLACES_OVERLAP'])
      const moved = await issue('moved', { digest: sha256(crowded), qr: { page: 0, x: 90, y: 30 } })
      expect(moved.status, JSON.stringify(moved.json)).toBe(201)
    })

    it('bear the seals of a joint issue beside each other, and refuse one that has no room', async () => {
      const { house } = desk
      const [one, other] = departments
      const seals = await house.seals.makeDemoSeals([
        { code: other.code, name: other.name.zh, typeCodes: [businessLicence, approvalType] },
      ])
      const sealId = await allowSeal(house)
      const assign = (x: number) =>
        house.licences.assignTypes({ id: 'system', kind: 'system', departmentCode: one.code }, [
          {
            ...{ typeCode: approvalType, departmentCode: one.code, sealId },
            coSeals: [{ sealId: seals[0]!.id, offsetMm: { x, y: 30 } }],
          },
        ])
      await house.seals.grantSeal({ sealId: seals[0]!.id, departmentCode: one.code, typeCode: approvalType }, 'keeper')
      await handIn(approval)
      await assign(60)
      const refused = await issue('no room', { digest })
      expect(refused.json.errors[0]).toMatchObject({ pointer: '/body/seal', code: 'OFF_THE_PAGE' })
      await assign(-30)
      const turned = await makeApproval({ pages: 1, turned: 90, size: [595.28, 900] })
      await handIn(turned)
      const places = { qr: { page: 0, x: 250, y: 30 }, seal: { page: 0, x: 180, y: 40 } }
      const { status, json } = await issue('joint', { digest: sha256(turned), ...places })
      expect(status, JSON.stringify(json)).toBe(201)
      const bytes = await house.licences.readDocument(clerk, json.identifier)
      const report = await verify(bytes)
      expect(report.verdict).toBe('accepted')
      expect(report.signatures.filter(({ type }) => type === 'signature')).toHaveLength(2)
      if (process.env['KEEP_PDF']) writeFileSync(`${process.env['KEEP_PDF']}-joint.pdf`, bytes)
      await house.licences.assignTypes({ id: 'system', kind: 'system', departmentCode: one.code }, [
        { typeCode: approvalType, departmentCode: one.code, sealId },
      ])
    })

    it('come in no batch: a table has no documents', async () => {
      const opened = await desk.call(
        'clerk',
        'POST',
        '/api/batches',
        { typeCode: approvalType, title: '批复' },
        'batch',
      )
      expect([opened.status, opened.json.code]).toEqual([422, 'LICENCE_BODY_MISSING'])
    })

    it('want a document where their type does, and none where it is drawn', async () => {
      expect((await issue('without', undefined)).json.code).toBe('LICENCE_BODY_MISSING')
      expect((await issue('unknown', { digest: 'a'.repeat(64) })).json.code).toBe('LICENCE_BODY_NOT_FOUND')
      const drawn = await issue('drawn', { digest }, { typeCode: businessLicence, data: exampleOf() })
      expect(drawn.json.code).toBe('LICENCE_BODY_NOT_WANTED')
    })
  })
