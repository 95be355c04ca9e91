// Evidence that outlives its makers: bundles that are judged again to the same report, and in which no octet can be changed unnoticed.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../licence-format/index.ts'
import {
  type AtHand,
  BundleError,
  type BundleMaterial,
  findDoubts,
  readBundle,
  replayBundle,
  replayContent,
  SOFTWARE,
  writeBundle,
} from '../../verifier/bundle/index.ts'
import { type Evidence, type ValidationPolicy, verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'
import { claimsOf, evidence, licence, live, NOW, pki, policy, sealedLicence, statementText } from './world.ts'

const pdf = await sealedLicence()

async function ofDocument(change: Partial<Evidence> = {}, bytes = pdf, name = 'licence.pdf'): Promise<BundleMaterial> {
  const found = await evidence(change)
  const report = await verifyDocument({ name, bytes }, found, policy, NOW)
  return { subject: { kind: 'document', name, bytes }, evidence: found, policy, at: NOW, report }
}

async function ofText(text: string): Promise<BundleMaterial> {
  const found = await evidence({ live: live() })
  const report = await verifyStatementText(text, found, policy, NOW)
  return { subject: { kind: 'statement', text }, evidence: found, policy, at: NOW, report }
}

const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))

describe('writeBundle', () => {
  it('writes the same bytes for the same material, and canonical JSON', async () => {
    const material = await ofDocument()
    const bundle = await writeBundle(material)
    expect(await writeBundle(material)).toEqual(bundle)
    expect(canonicalJson(decode(bundle))).toEqual(bundle)
  })

  it('keeps every part once, under its digest', async () => {
    const material = await ofDocument()
    const [crl] = material.evidence.crls
    const twice = { ...material, evidence: { ...material.evidence, crls: [crl!, crl!] } }
    const { content } = await readBundle(await writeBundle(twice))
    expect(content.evidence.crls).toEqual([crl, crl])
    const { parts } = decode(await writeBundle(twice))
    expect(Object.values(parts)).toHaveLength(new Set(Object.values(parts)).size)
  })

  it('names the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(SOFTWARE).toBe(`zhengyin ${version}`)
  })
})

describe('a question beside the document’s own', () => {
  const THEN = new Date(NOW.getTime() - 1_800_000)

  it('is written down, asked again, and bound by the digest', async () => {
    const history = [{ status: 'in force' as const, from: new Date(NOW.getTime() - 3_600_000).toISOString() }]
    const found = await evidence({ live: live({ history }) })
    const question = { inForceAt: THEN, scannedStatement: statementText() }
    const subject = { kind: 'document', name: 'a.pdf', bytes: pdf } as const
    const report = await verifyDocument(subject, found, policy, NOW, question)
    expect(report).toMatchObject({ verdict: 'accepted', question: { inForceAt: THEN.toISOString() } })
    const material: BundleMaterial = { subject, evidence: found, policy, at: NOW, question, report }
    const bundle = await readBundle(await writeBundle(material))
    expect(bundle.content.question).toEqual(question)
    expect(await replayContent(bundle)).toMatchObject({ same: true, report: { verdict: 'accepted' } })
    const { question: _, ...unasked } = material
    expect((await readBundle(await writeBundle(unasked))).contentDigest).not.toBe(bundle.contentDigest)
  })

  it('that was asked and is left out of the bundle is noticed', async () => {
    const found = await evidence()
    const subject = { kind: 'document', name: 'a.pdf', bytes: pdf } as const
    const report = await verifyDocument(subject, found, policy, NOW, { inForceAt: THEN })
    const { same } = await replayBundle(await writeBundle({ subject, evidence: found, policy, at: NOW, report }))
    expect(same).toBe(false)
  })

  it('is nothing where nothing was asked: the same bytes', async () => {
    const material = await ofDocument()
    expect(await writeBundle({ ...material, question: {} })).toEqual(await writeBundle(material))
  })
})

describe('replayBundle', () => {
  const { sealedDigest: _, ...answer } = live()
  const memory = { 'status-list one': { sequence: 3, issuedAt: '2026-06-01T00:00:00.000Z' } }
  it.each<[string, () => Promise<BundleMaterial>]>([
    ['an accepted licence', () => ofDocument()],
    ['one without any evidence', () => ofDocument({ crls: [], trustList: null, statusLists: new Map() })],
    [
      'a live answer with history',
      () => ofDocument({ live: { ...answer, history: [{ status: 'in force', from: '2026-01-01T00:00:00.000Z' }] } }),
    ],
    [
      'a memory of lists, and others’ lists',
      () => ofDocument({ memory, otherTrustLists: new Map([['ningbo', 'a.b.c']]) }),
    ],
    ['a word of the register that nobody knows', () => ofDocument({ live: live({ status: 'lost' as never }) })],
    ['what is no PDF', () => ofDocument({}, new TextEncoder().encode('no document'))],
    ['an empty file with an odd name', () => ofDocument({}, new Uint8Array(), 'a\ud800b"\\ 执照.pdf')],
    ['the text of a QR code', async () => ofText(await statementText(claimsOf(licence())))],
    ['a text that is none', () => ofText('HTTPS://EXAMPLE.COM/\ud800')],
  ])('gives the same report of %s', async (_what, make) => {
    const material = await make()
    const replay = await replayBundle(await writeBundle(material))
    expect(replay.differences).toEqual([])
    expect(replay.same).toBe(true)
    expect(replay.report.verdict).toBe(material.report.verdict)
    expect(replay.receipt).toBeNull()
  })

  it('judges as of the time in the bundle, by the policy in the bundle', async () => {
    const material = await ofDocument({ crls: [] })
    const lenient = { ...policy, revocation: 'skipped', status: 'skipped' } as const
    const report = await verifyDocument({ name: 'licence.pdf', bytes: pdf }, material.evidence, lenient, NOW)
    expect(report.verdict).not.toBe(material.report.verdict)
    const { report: again, same } = await replayBundle(await writeBundle({ ...material, policy: lenient, report }))
    expect([again.validationTime, again.verdict, same]).toEqual([NOW.toISOString(), report.verdict, true])
  })

  it('tells where a report that somebody wrote differs from what its evidence gives', async () => {
    const material = await ofDocument({ status: { value: 3 } } as object)
    expect(material.report.verdict).toBe('refused')
    const forged = { ...material, report: { ...material.report, verdict: 'accepted' } } as BundleMaterial
    const { same, differences, report } = await replayBundle(await writeBundle(forged))
    expect(same).toBe(false)
    expect(differences).toEqual([{ path: '/verdict', kind: 'conclusion' }])
    expect(report.verdict).toBe('refused')
  })

  it('does not hold the words of another version against this one, but its conclusions', async () => {
    const material = await ofDocument()
    const rewrite = async (change: (report: Record<string, unknown>) => object) => {
      const bundle = decode(await writeBundle(material))
      return rewrap({
        ...bundle,
        content: { ...bundle.content, software: 'zhengyin 9.9.9', report: change(bundle.content.report) },
      })
    }
    const worded = await replayBundle(await rewrite((report) => ({ ...report, reason: 'All is well.' })))
    expect(worded.differences).toEqual([{ path: '/reason', kind: 'wording' }])
    expect([worded.same, worded.software.wrote]).toEqual([true, 'zhengyin 9.9.9'])
    const concluded = await replayBundle(await rewrite((report) => ({ ...report, indication: 'TOTAL-FAILED' })))
    expect(concluded.same).toBe(false)
  })

  it.each([
    ['everything', () => ({})],
    ['the verdict', ({ verdict: _, ...rest }) => rest],
    ['the findings', ({ findings: _, ...rest }) => rest],
    ['the codes of its findings', (report) => ({ ...report, findings: [{}] })],
    ['its signatures', ({ signatures: _, ...rest }) => rest],
    ['the indications of its signatures', (report) => ({ ...report, signatures: [{}] })],
    ['the policy', ({ policy: _, ...rest }) => rest],
    ['the licence', ({ licence: _, ...rest }) => rest],
  ] as [string, (report: Record<string, unknown>) => object][])(
    'refuses the report of another version out of which somebody took %s',
    async (_what, change) => {
      const bundle = decode(await writeBundle(await ofDocument()))
      const content = { ...bundle.content, software: 'zhengyin 0.0.9', report: change(bundle.content.report) }
      await toThrowWithCode(replayBundle(await rewrap({ ...bundle, content })), 'BUNDLE_MALFORMED')
    },
  )

  it('takes a finding that only one of two versions has for another conclusion, a new member for none', async () => {
    const bundle = decode(await writeBundle(await ofDocument()))
    const replayOf = async (report: object) =>
      replayBundle(await rewrap({ ...bundle, content: { ...bundle.content, software: 'zhengyin 0.0.9', report } }))
    const { report } = bundle.content
    const fewer = await replayOf({ ...report, findings: report.findings.slice(0, -1) })
    expect(fewer.same).toBe(false)
    expect((await replayOf({ ...report, findings: [] })).same).toBe(false)
    const { documentChangedAfterSeal: _, ...older } = report
    const { same, differences } = await replayOf(older)
    expect([same, differences]).toEqual([true, [{ path: '/documentChangedAfterSeal', kind: 'added' }]])
  })

  it('names the roots that the verdict rests on', async () => {
    const { anchors } = await replayBundle(await writeBundle(await ofDocument()))
    expect(anchors).toEqual([
      { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), subject: expect.stringContaining('TEST root') },
    ])
  })
})

describe('findDoubts', () => {
  const [root] = policy.trustAnchors
  const stranger = pki.get('otherRoot').certificate
  it.each<[string, boolean, Partial<ValidationPolicy>, ValidationPolicy]>([
    ['the same root', true, {}, { trustAnchors: [stranger, root!] }],
    ['another root', false, {}, { trustAnchors: [stranger] }],
    ['a root trusted for seals alone', false, {}, { trustAnchors: [root!], listAnchors: [stranger] }],
    ['a root above time stamps that we do not trust', false, { timeStampAnchors: [stranger] }, policy],
    ['a pinned list that we did not pin', false, { otherTrustLists: [pin()] }, policy],
    [
      'a pinned list for fewer divisions',
      true,
      { otherTrustLists: [pin('3302')] },
      { ...policy, otherTrustLists: [pin('3302', '3303')] },
    ],
    [
      'a pinned list for more divisions',
      false,
      { otherTrustLists: [pin('3302', '33')] },
      { ...policy, otherTrustLists: [pin('3302')] },
    ],
  ])('of %s: %s', async (_what, answer, its, ours) => {
    const doubts = await doubtsOf({ ...(await ofDocument()), policy: { ...policy, ...its } }, ours)
    expect(!doubts.includes('ROOT')).toBe(answer)
  })

  it('tells of no doubt where roots, policy and evidence are such as one would have taken oneself', async () => {
    expect(await doubtsOf(await ofDocument(), policy)).toEqual([])
    expect(await doubtsOf(await ofDocument({ live: live() }), policy)).toEqual([])
  })

  it.each<[string, Partial<ValidationPolicy>]>([
    ['asks for no revocation', { revocation: 'skipped' }],
    ['asks for no status', { status: 'skipped' }],
    ['asks for no trust list', { trustList: 'skipped' }],
    ['bears the name of the default all the same', { id: 'urn:zhengyin:policy:default:1', revocation: 'skipped' }],
  ])('tells of a policy that %s, unless it is ours', async (_what, demands) => {
    const material = { ...(await ofDocument()), policy: { ...policy, ...demands } }
    expect(await doubtsOf(material, policy)).toContain('POLICY')
    expect(await doubtsOf(material, { ...policy, ...demands })).not.toContain('POLICY')
  })

  it('tells of a verdict that rests on an answer of the register, which anybody can write', async () => {
    const material = await ofDocument({ live: live(), statusLists: new Map() })
    expect(material.report.verdict).toBe('accepted')
    expect(await doubtsOf(material, policy)).toEqual(['REGISTER_ANSWER'])
  })

  it('tells of an own list that speaks for more than we let it', async () => {
    const ours = { ...policy, divisions: ['330203'] }
    expect(await doubtsOf(await ofDocument(), ours)).toContain('ROOT')
  })
})

async function doubtsOf(material: BundleMaterial, ours: ValidationPolicy, atHand: AtHand = { now: NOW }) {
  const { policy, ...rest } = material
  const report = await verifyDocument({ name: 'licence.pdf', bytes: pdf }, rest.evidence, policy, rest.at)
  const bundle = await readBundle(await writeBundle({ ...material, report }))
  return findDoubts(bundle, await replayContent(bundle), ours, atHand)
}

function pin(...divisions: string[]) {
  return {
    name: 'ningbo',
    divisions: divisions.length ? divisions : ['3302'],
    anchors: [pki.get('otherRoot').certificate],
  }
}

/** Somebody's bundle with a digest that fits again. */
async function rewrap(bundle: { content: unknown; receipt: unknown }): Promise<Uint8Array> {
  const head = canonicalJson({ content: bundle.content, receipt: bundle.receipt })
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(head))).toString('hex')
  return canonicalJson({ ...bundle, digest })
}

describe('a bundle that was changed', () => {
  it('is noticed at any octet, whatever it is changed to', async () => {
    const bundle = await writeBundle(await ofDocument())
    const places = new Set([0, 1, bundle.length - 2, bundle.length - 1])
    for (let at = 0; at < bundle.length; at += Math.ceil(bundle.length / 150)) places.add(at)
    let noticed = 0
    for (const at of places) {
      for (const change of [1, 0x20]) {
        const changed = Uint8Array.from(bundle)
        changed[at]! ^= change
        await readBundle(changed).then(
          () => expect.fail(`octet ${at} changed unnoticed`),
          (error) => expect(error).toBeInstanceOf(BundleError),
        )
        noticed++
      }
    }
    expect(noticed).toBeGreaterThan(300)
  }, 60_000)

  it('is noticed when base64 is written another way for the same bytes', async () => {
    const bundle = new TextDecoder().decode(await writeBundle(await ofText('one octet')))
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const twin = bundle.replace(/([A-Za-z0-9+/])=(=?)"/, (_, last: string, more: string) => {
      return `${alphabet[alphabet.indexOf(last) ^ 1]}=${more}"`
    })
    expect(twin).not.toBe(bundle)
    await toThrowWithCode(readBundle(new TextEncoder().encode(twin)), 'BUNDLE_MALFORMED')
  })

  it.each<[string, (text: string) => string, string]>([
    ['cut short', (text) => text.slice(0, -9), 'BUNDLE_MALFORMED'],
    ['with a line at its end', (text) => `${text}\n`, 'BUNDLE_MALFORMED'],
    ['with a space inside', (text) => text.replace('{"content"', '{ "content"'), 'BUNDLE_MALFORMED'],
    ['with a member twice', (text) => text.replace('"version":1', '"version":1,"version":1'), 'BUNDLE_MALFORMED'],
    ['of a later version', (text) => text.replace('"version":1', '"version":2'), 'BUNDLE_VERSION_UNKNOWN'],
    [
      'of another format',
      (text) => text.replace('zhengyin-evidence-bundle', 'zhengyin-evidence-bundel'),
      'BUNDLE_MALFORMED',
    ],
    ['with a member more', (text) => text.replace('"version":1', '"version":1,"z":0'), 'BUNDLE_MALFORMED'],
    ['nested a hundred thousand times', () => '['.repeat(100_000), 'BUNDLE_MALFORMED'],
    ['that is nested and whole', () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'BUNDLE_MALFORMED'],
    ['that is empty', () => '', 'BUNDLE_MALFORMED'],
    ['that is null', () => 'null', 'BUNDLE_MALFORMED'],
  ])('is refused %s', async (_what, change, code) => {
    const bundle = new TextDecoder().decode(await writeBundle(await ofText('no code')))
    await toThrowWithCode(readBundle(new TextEncoder().encode(change(bundle))), code)
  })

  type Content = Record<string, unknown> & { evidence: Record<string, unknown>; subject: Record<string, unknown> }
  it.each<[string, (content: Content) => Record<string, unknown>]>([
    ['a part that is missing', (content) => ({ ...content, subject: { ...content.subject, text: '0'.repeat(64) } })],
    ['a member that is missing', ({ at: _at, ...content }) => content],
    ['a member nobody knows', (content) => ({ ...content, more: 1 })],
    ['a time that is none', (content) => ({ ...content, at: '2026-02-31T00:00:00.000Z' })],
    ['the last instant that there is', (content) => ({ ...content, at: '+275760-09-13T00:00:00.000Z' })],
    [
      'a question about the last instant',
      (content) => ({
        ...content,
        question: { ...(content['question'] as object), inForceAt: '+275760-09-13T00:00:00.000Z' },
      }),
    ],
    ['lists that are none', (content) => ({ ...content, evidence: { ...content.evidence, crls: 'all' } })],
    ['a live answer that is none', (content) => ({ ...content, evidence: { ...content.evidence, live: [] } })],
    ['a subject that is neither', (content) => ({ ...content, subject: { ...content.subject, kind: 'song' } })],
    ['evidence that is missing', (content) => ({ ...content, evidence: null })],
  ])('is refused with %s though its digest fits', async (_what, change) => {
    const bundle = decode(await writeBundle(await ofText('no code')))
    const forged = await rewrap({ ...bundle, content: change(bundle.content) })
    await toThrowWithCode(replayBundle(forged), 'BUNDLE_MALFORMED')
  })

  it('is refused with a root that is no certificate', async () => {
    const odd = { ...policy, trustAnchors: [new Uint8Array([0x30, 0])] }
    const bundle = await writeBundle({ ...(await ofText('no code')), policy: odd })
    await toThrowWithCode(replayBundle(bundle), 'BUNDLE_MALFORMED')
  })

  it('is refused with parts that belong to nothing, or are not what their name says', async () => {
    const bundle = decode(await writeBundle(await ofText('no code')))
    const stray = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    await toThrowWithCode(
      readBundle(canonicalJson({ ...bundle, parts: { ...bundle.parts, [stray]: '' } })),
      'BUNDLE_MALFORMED',
    )
    const [first] = Object.keys(bundle.parts)
    const swapped = { ...bundle, parts: { ...bundle.parts, [first!]: 'AAAA' } }
    await toThrowWithCode(readBundle(canonicalJson(swapped)), 'BUNDLE_CHANGED')
  })
})
