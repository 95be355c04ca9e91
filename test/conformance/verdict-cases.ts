// Seals, stamps and authorities that ended, or documents that were changed: cases that our verifier, EU DSS and pyHanko judge.
import { isDictionary } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { concat, patch, update } from '../pades/documents.ts'
import { archived, day, later, type Name, NOW, type Story, sealed, withAnswers } from '../verifier/past.ts'

export interface Case {
  readonly name: string
  readonly make: () => Uint8Array | Promise<Uint8Array>
  readonly at: Date
  /** CRLs of that day from outside. */
  readonly lists: boolean
  /** The root that is trusted. */
  readonly root: Name
}

const revoked = { by: 'sealRevoked' } as const
const afterRevocation = day('2023-02-01')
const hour = later(3600)
const stamped = (stamp: NonNullable<Story['stamp']> | null) => () => sealed({ stamp })
const of = (name: string, make: Case['make'], at: Date, lists: boolean, root: Name = 'root'): Case => ({
  name,
  make,
  at,
  lists,
  root,
})

const states: readonly Case[] = [
  of('valid at B-B', stamped(null), hour, true),
  of('valid at B-T', stamped({}), hour, true),
  of('valid at B-LT', () => withAnswers(), hour, false),
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
  of('revoked before its stamp', () => sealed({ ...revoked, stamp: { at: day('2023-01-15') } }), afterRevocation, true),
  of('stamped before its certificate', stamped({ at: day('2020-12-31'), by: 'tsaEarly' }), later(60), true),
  of('of an unknown root, B-B', stamped(null), hour, true, 'otherRoot'),
  of('of an unknown root, B-LTA', () => archived(), hour, true, 'otherRoot'),
  of('with a stamp over something else', stamped({ over: new Uint8Array(3) }), hour, true),
  of('with a stamp of which one octet was changed', stamped({ forge: flipLast }), hour, true),
  of('with that, expired', stamped({ forge: flipLast }), NOW, false),
  of('with a stamp of an unknown authority', stamped({ by: 'otherTsa' }), hour, true),
  of('with that, expired', stamped({ by: 'otherTsa' }), NOW, false),
  of('with a stamp of a revoked authority', () => withAnswers({ stamp: { by: 'tsaRevoked' } }), afterRevocation, true),
  of('with that, archived before', () => archived({ stamp: { by: 'tsaRevoked' } }), afterRevocation, true),
  of('with a stamp of an expired authority', () => withAnswers({ stamp: { by: 'tsaShort' } }), NOW, false),
  of('with that, archived before', () => archived({ stamp: { by: 'tsaShort' } }), NOW, false),
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

const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array, story?: 'B-LT'): Case =>
  of(name, async () => change(story ? await withAnswers() : sealed({ stamp: null })), hour, true)

const tampering: readonly Case[] = [
  changed('with a changed page size', (bytes) => patch(bytes, '300 200', '300 201')),
  changed('with that, at B-LT', (bytes) => patch(bytes, '300 200', '300 201'), 'B-LT'),
  changed('with a changed signature value', (bytes) =>
    inContents(bytes, (cms) => {
      cms[cms.length - 1]! ^= 1
    }),
  ),
  changed('with a CMS that is none', (bytes) => inContents(bytes, (cms) => cms.fill(0x41))),
  changed('with a byte range that leaves octets out', (bytes) => patch(bytes, '/ByteRange [0 ', '/ByteRange [4 ')),
  changed('with another page content after it', otherContent),
  changed('with that, at B-LT', otherContent, 'B-LT'),
  changed('with a comment after it', comment),
  changed('with octets after its end', (bytes) => concat(bytes, '\n% more\n')),
]

/** Every case; `short` a dozen of them, one of each kind. */
export const cases: readonly Case[] = [...states, ...tampering]
