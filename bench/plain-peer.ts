// The plain pipeline that most guides show: pdf-lib, its font subsetter, a QR as PNG, @signpdf with a PKCS#12.
// Most of its CJK glyphs are missing from the result (Hopding/pdf-lib#1232): its speed is that of a broken document.
import fontkit from '@pdf-lib/fontkit'
import { pdflibAddPlaceholder } from '@signpdf/placeholder-pdf-lib'
import { P12Signer } from '@signpdf/signer-p12'
import { SignPdf } from '@signpdf/signpdf'
import forge from 'node-forge'
import { PDFDocument, rgb } from 'pdf-lib'
import QRCode from 'qrcode'
import type { PeerPage } from './peer-page.ts'

/** A PKCS#12 with a self-signed RSA-2048 certificate, made by node-forge. */
function makePkcs12(passphrase: string): Buffer {
  const pair = forge.pki.rsa.generateKeyPair(2048)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = pair.publicKey
  certificate.serialNumber = '01'
  certificate.validity.notBefore = new Date('2026-01-01T00:00:00Z')
  certificate.validity.notAfter = new Date('2036-01-01T00:00:00Z')
  const name = [{ name: 'commonName', value: 'Bench peer' }]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.sign(pair.privateKey, forge.md.sha256.create())
  const p12 = forge.pkcs12.toPkcs12Asn1(pair.privateKey, [certificate], passphrase, { algorithm: 'aes256' })
  return Buffer.from(forge.asn1.toDer(p12).getBytes(), 'binary')
}

/** Renders and signs one page; `face` is a whole TrueType font. */
export function createPlainPeer(face: Uint8Array): (page: PeerPage) => Promise<Uint8Array> {
  const passphrase = 'bench'
  const p12 = makePkcs12(passphrase)
  return async (page) => {
    const document = await PDFDocument.create()
    document.registerFontkit(fontkit)
    const font = await document.embedFont(face, { subset: true })
    const sheet = document.addPage([842, 595])
    sheet.drawRectangle({ x: 24, y: 24, width: 794, height: 547, borderColor: rgb(0.8, 0.6, 0.2), borderWidth: 2 })
    for (const { text, x, y, size } of page.texts) sheet.drawText(text, { x, y, size, font })
    const png = await document.embedPng(await QRCode.toBuffer(page.qrText, { errorCorrectionLevel: 'M' }))
    sheet.drawImage(png, { x: 660, y: 400, width: 85, height: 85 })
    pdflibAddPlaceholder({ pdfDoc: document, reason: 'seal', contactInfo: '', name: 'bench', location: '' })
    const unsigned = await document.save({ useObjectStreams: false })
    return new SignPdf().sign(Buffer.from(unsigned), new P12Signer(p12, { passphrase }))
  }
}

/** Signs a finished document by the same means; its cross-reference table is written anew. */
export function createPlainSigner(): (pdf: Uint8Array) => Promise<Uint8Array> {
  const passphrase = 'bench'
  const p12 = makePkcs12(passphrase)
  return async (pdf) => {
    const document = await PDFDocument.load(pdf)
    pdflibAddPlaceholder({ pdfDoc: document, reason: 'seal', contactInfo: '', name: 'bench', location: '' })
    const unsigned = await document.save({ useObjectStreams: false })
    return new SignPdf().sign(Buffer.from(unsigned), new P12Signer(p12, { passphrase }))
  }
}
