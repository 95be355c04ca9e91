// Seals, stamps and authorities that ended, or documents that were changed: cases that our verifier, EU DSS and pyHanko judge.
import { isDictionary } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { compileTemplate, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { concat, patch, update } from '../pades/documents.ts'
import { madeUpLicence } from '../templates/made-up-licence.ts'
import * as past from '../verifier/past.ts'
import { day, later, type Name, NOW, type Story } from '../verifier/past.ts'

export interface Case {
  readonly name: string
  readonly make: () => Uint8Array | Promise<Uint8Array>
  readonly at: Date
  /** CRLs of that day from outside. */
  readonly lists: boolean
  /** The root that is trusted. */
  readonly root: Name
}

/** Where a judge says something else than we do: what it says, and why (docs/verification.md). `null`: it finds no signature to judge. */
export interface Difference {
  readonly dss?: readonly [indication: string, subIndication: string | null] | null
  readonly pyhanko?: string | null
  readonly why: string
}

const revoked = { by: 'sealRevoked' } as const
const afterRevocation = day('2023-02-01')
const hour = later(3600)
const of = (name: string, make: Case['make'], at: Date, lists: boolean, root: Name = 'root'): Case => ({
  name,
  make,
  at,
  lists,
  root,
})

function flipLast(token: Uint8Array): Uint8Array {
  const forged = token.slice()
  forged[forged.length - 1]! ^= 1
  return forged
}

/** Octets in hex, in place inside /Contents, from the end of the CMS. */
function inContents(bytes: Uint8Array, change: (cms: Uint8Array) => void): Uint8Array {
  const pdf = readSignedPdf(bytes)
  if (!pdf.ok) throw new TypeError('no PDF')
  const cms = pdf.signatures[0]!.contents!
  const length = 4 + cms[2]! * 256 + cms[3]!
  const value = cms.slice(0, length)
  const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
  const text = Buffer.from(bytes).toString('latin1')
  const isUpper = !text.includes(hex(value))
  const write = (octets: Uint8Array) => (isUpper ? hex(octets).toUpperCase() : hex(octets))
  const before = write(value)
  change(value)
  return patch(bytes, before, write(value))
}

const rectangle = '1 0 0 rg 0 0 300 200 re f'
const streamOf = (number: number) => ({
  number,
  generation: 0,
  body: `<< /Length ${rectangle.length} >>`,
  stream: new TextEncoder().encode(rectangle),
})

/** A page that shows something else: its content exchanged, as a shadow attack would. */
const otherContent = (bytes: Uint8Array): Uint8Array =>
  update(bytes, (document, free) => {
    const page = readPages(document)[0]!
    const object = document.object(page.object)!
    if (!isDictionary(object.value)) throw new TypeError('no page')
    const body = writeDictionary(object.value, { Contents: `${free} 0 R` })
    return [streamOf(free), { number: page.object, generation: object.generation, body }]
  })

/** A comment over the seal. */
const comment = (bytes: Uint8Array): Uint8Array =>
  update(bytes, (document, free) => {
    const page = readPages(document)[0]!
    const object = document.object(page.object)!
    if (!isDictionary(object.value)) throw new TypeError('no page')
    const annotation = `<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 200] /Contents (void) /DA (/Helv 40 Tf) /F 4 /P ${page.object} 0 R >>`
    const body = writeDictionary(object.value, { Annots: `[ ${free} 0 R ]` })
    return [
      { number: free, generation: 0, body: annotation },
      { number: page.object, generation: object.generation, body },
    ]
  })

/** The cases with one document: a blank page, or the one that is given. */
function casesOf(on?: Uint8Array): readonly Case[] {
  const placed = (story: Story = {}): Story => ({ ...story, ...(on && { on }) })
  const sealed = (story?: Story) => past.sealed(placed(story))
  const withAnswers = (story?: Story) => past.withAnswers(placed(story))
  const archived = (story?: Story) => past.archived(placed(story))
  const stamped = (stamp: NonNullable<Story['stamp']> | null) => () => sealed({ stamp })
  const states: readonly Case[] = [
    of('valid at B-B', stamped(null), hour, true),
    of('valid at B-T', stamped({}), hour, true),
    of('valid at B-LT', () => withAnswers(), hour, true),
    of('valid at B-LTA', () => archived(), hour, true),
    of('before its certificate, B-B', stamped(null), day('2020-06-01'), false),
    of('expired at B-B', stamped(null), NOW, true),
    of('expired at B-B, without lists', stamped(null), NOW, false),
    of('expired at B-T', stamped({}), NOW, false),
    of('expired at B-LT', () => withAnswers(), NOW, false),
    of('expired at B-LTA', () => archived(), NOW, false),
    of('revoked at B-B', () => sealed({ ...revoked, stamp: null }), afterRevocation, true),
    of('revoked after its stamp, B-T', () => sealed(revoked), afterRevocation, true),
    of('revoked after its stamp, B-LT', () => withAnswers(revoked), afterRevocation, true),
    of('revoked after its stamp, B-LTA', () => archived(revoked), afterRevocation, true),
    of(
      'revoked before its stamp',
      () => sealed({ ...revoked, stamp: { at: day('2023-01-15') } }),
      afterRevocation,
      true,
    ),
    of('stamped before its certificate', stamped({ at: day('2020-12-31'), by: 'tsaEarly' }), later(60), true),
    of('of an unknown root, B-B', stamped(null), hour, true, 'otherRoot'),
    of('of an unknown root, B-LTA', () => archived(), hour, true, 'otherRoot'),
    of('with a stamp over something else', stamped({ over: new Uint8Array(3) }), hour, true),
    of('with a stamp of which one octet was changed', stamped({ forge: flipLast }), hour, true),
    of('with that stamp, expired', stamped({ forge: flipLast }), NOW, false),
    of('with a stamp of an unknown authority', stamped({ by: 'otherTsa' }), hour, true),
    of('with a stamp of an unknown authority, expired', stamped({ by: 'otherTsa' }), NOW, false),
    of(
      'with a stamp of a revoked authority',
      () => withAnswers({ stamp: { by: 'tsaRevoked' } }),
      afterRevocation,
      true,
    ),
    of(
      'with a stamp of a revoked authority, archived before',
      () => archived({ stamp: { by: 'tsaRevoked' } }),
      afterRevocation,
      true,
    ),
    of('with a stamp of an expired authority', () => withAnswers({ stamp: { by: 'tsaShort' } }), NOW, false),
    of(
      'with a stamp of an expired authority, archived before',
      () => archived({ stamp: { by: 'tsaShort' } }),
      NOW,
      false,
    ),
    of('of a CA revoked since, archived before', () => archived({ by: 'sealOfRevokedCa' }), afterRevocation, true),
    of('of a CA revoked since', () => withAnswers({ by: 'sealOfRevokedCa' }), afterRevocation, true),
    of('without answers', () => withAnswers({ answersFor: [] }), hour, false),
    of('without answers, B-B', stamped(null), hour, false),
    of('with answers older than the stamp', () => withAnswers({ answeredAt: later(-60) }), hour, false),
    of(
      'with an archive stamp older than the stamp inside',
      () => archived({ archived: [{ at: later(-3600) }] }),
      hour,
      true,
    ),
  ]

  const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array, story?: 'B-LT'): Case =>
    of(name, async () => change(story ? await withAnswers() : sealed({ stamp: null })), hour, true)

  const tampering: readonly Case[] = [
    changed('with a changed page size', (bytes) => patch(bytes, '300 200', '300 201')),
    changed('with a changed page size, at B-LT', (bytes) => patch(bytes, '300 200', '300 201'), 'B-LT'),
    changed('with a changed signature value', (bytes) =>
      inContents(bytes, (cms) => {
        cms[cms.length - 1]! ^= 1
      }),
    ),
    changed('with a CMS that is none', (bytes) => inContents(bytes, (cms) => cms.fill(0x41))),
    changed('with a byte range that leaves octets out', (bytes) => patch(bytes, '/ByteRange [0 ', '/ByteRange [4 ')),
    changed('with another page content after it', otherContent),
    changed('with another page content after it, at B-LT', otherContent, 'B-LT'),
    changed('with a comment after it', comment),
    changed('with octets after its end', (bytes) => concat(bytes, '\n% more\n')),
  ]

  return [...states, ...tampering]
}

const compiled = compileTemplate(listTemplates()[0]!, await openFonts())

/** What is judged of a licence too, as its template draws it and with its data inside. */
const ofLicences: readonly string[] = [
  'valid at B-B',
  'valid at B-T',
  'valid at B-LT',
  'valid at B-LTA',
  'expired at B-T',
  'expired at B-LT',
  'revoked after its stamp, B-LT',
  'revoked before its stamp',
  'of an unknown root, B-LTA',
  'with a stamp of which one octet was changed',
  'with a changed signature value',
  'with another page content after it, at B-LT',
  'with a comment after it',
]
const onLicence = (name: string): string => `a licence ${name}`

/** Every case. */
export const cases: readonly Case[] = [
  ...casesOf(),
  ...casesOf(renderLicence(compiled, madeUpLicence(compiled)).pdf)
    .filter(({ name }) => ofLicences.includes(name))
    .map((one) => ({ ...one, name: onLicence(one.name) })),
]

/** One of each kind: what runs every time. */
export const fewNames: readonly string[] = [
  'valid at B-T',
  'expired at B-B',
  'expired at B-T',
  'expired at B-LTA',
  'revoked at B-B',
  'revoked after its stamp, B-LT',
  'revoked before its stamp',
  'stamped before its certificate',
  'of an unknown root, B-B',
  'with a stamp of which one octet was changed',
  'with a stamp of an expired authority',
  'of a CA revoked since',
  'without answers',
  'with an archive stamp older than the stamp inside',
  'with a changed page size',
  'with a changed signature value',
  'with another page content after it',
  'a licence valid at B-LT',
  'a licence expired at B-T',
  'a licence expired at B-LT',
  'a licence revoked before its stamp',
  'a licence of an unknown root, B-LTA',
  'a licence with a changed signature value',
  'a licence with another page content after it, at B-LT',
]

const GENERAL = ['INDETERMINATE', 'CERTIFICATE_CHAIN_GENERAL_FAILURE'] as const
const PASSED = ['TOTAL_PASSED', null] as const
const ended = {
  dss: GENERAL,
  why: 'an ended certificate of which nobody says anything: EU DSS tells the missing data first, we the end',
}
const stampFails = (pyhanko: string) => ({
  pyhanko,
  why: 'a stamp that proves nothing is as if it were not there (§5.5.4); pyHanko lets the signature fail with it',
})
const noAnswers = {
  pyhanko: 'INDETERMINATE',
  why: 'pyHanko takes no answer of these responders without a list; on what the house itself sealed it agrees (levels-past)',
}
const changedAfter = {
  dss: ['TOTAL_FAILED', 'FORMAT_FAILURE'],
  why: 'the signature itself can be verified, so by the words of table 5 its constraints fail, not its format',
} as const

const ofPages: Readonly<Record<string, Difference>> = {
  'before its certificate, B-B': ended,
  'expired at B-B': ended,
  'expired at B-B, without lists': ended,
  'expired at B-T': ended,
  'with that stamp, expired': ended,
  'with a stamp of an unknown authority, expired': ended,
  'expired at B-LT': noAnswers,
  'expired at B-LTA': noAnswers,
  'with a stamp of an expired authority, archived before': noAnswers,
  'stamped before its certificate': {
    pyhanko: 'PASSED',
    why: 'pyHanko does not hold the stamp against the certificate’s begin',
  },
  'with a stamp over something else': stampFails('FAILED'),
  'with a stamp of which one octet was changed': stampFails('FAILED'),
  'with a stamp of an unknown authority': stampFails('INDETERMINATE'),
  'with a stamp of a revoked authority': stampFails('INDETERMINATE'),
  'of a CA revoked since': {
    dss: PASSED,
    pyhanko: 'PASSED',
    why: 'both take certificate and answers of a CA that lost its key for older than the loss; nothing proves that (§5.6.2.2)',
  },
  'with answers older than the stamp': {
    dss: PASSED,
    why: 'our policy asks for younger ones inside the document (§5.2.5.4), which EU DSS cannot be told',
  },
  'with an archive stamp older than the stamp inside': {
    pyhanko: 'PASSED',
    why: 'pyHanko does not compare stamps (§5.5.4)',
  },
  'with a CMS that is none': { dss: null, pyhanko: null, why: 'neither finds a signature in it' },
  'with another page content after it': changedAfter,
  'with another page content after it, at B-LT': changedAfter,
  'with a comment after it': changedAfter,
  'with octets after its end': {
    dss: PASSED,
    pyhanko: 'PASSED',
    why: 'both pass over octets that no reader looks at; we cannot know who does',
  },
}

/** By the name of the case. Of a licence the judges differ where they differ of a page. */
export const differences: Readonly<Record<string, Difference>> = {
  ...ofPages,
  ...Object.fromEntries(
    ofLicences.flatMap((name) => (ofPages[name] ? [[onLicence(name), ofPages[name]] as const] : [])),
  ),
}
