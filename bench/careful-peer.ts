// The careful pipeline: the maintained pdf-lib fork, a HarfBuzz subset, QR as runs, PDF/A-3b, and our own seal on top.

import { PDFDocument, PDFOperator, PDFOperatorNames, rgb } from '@cantoo/pdf-lib'
import fontkit from '@pdf-lib/fontkit'
import QRCode from 'qrcode'
import { createSubsetter } from '../test/support/harfbuzz-subset.ts'
import type { PeerPage } from './peer-page.ts'

/** Renders one unsigned page; `face` is a whole TrueType font. */
export async function createCarefulPeer(face: Uint8Array): Promise<(page: PeerPage) => Promise<Uint8Array>> {
  const subsetter = await createSubsetter(face)
  return async (page) => {
    const document = await PDFDocument.create()
    document.registerFontkit(fontkit)
    const font = await document.embedFont(
      subsetter.subset(
        new Set(page.texts.flatMap(({ text }) => [...text].map((character) => character.codePointAt(0) as number))),
      ),
      { subset: false },
    )
    const sheet = document.addPage([842, 595])
    sheet.drawRectangle({ x: 24, y: 24, width: 794, height: 547, borderColor: rgb(0.8, 0.6, 0.2), borderWidth: 2 })
    for (const { text, x, y, size } of page.texts) sheet.drawText(text, { x, y, size, font })
    const { modules } = QRCode.create(page.qrText, { errorCorrectionLevel: 'M' })
    const side = 85 / modules.size
    for (let row = 0; row < modules.size; row++) {
      for (let from = 0; from < modules.size; from++) {
        if (!modules.get(row, from)) continue
        let to = from
        while (to < modules.size && modules.get(row, to)) to++
        const box = [660 + from * side, 485 - (row + 1) * side, (to - from) * side, side].map((value) =>
          value.toFixed(2),
        )
        sheet.pushOperators(PDFOperator.of(PDFOperatorNames.AppendRectangle, box as never))
        from = to
      }
    }
    sheet.pushOperators(PDFOperator.of(PDFOperatorNames.FillNonZero))
    await document.attach(page.licenceJson, 'licence.json', { mimeType: 'application/json' })
    document.convertToPDFA({ conformance: '3B' })
    return document.save({ useObjectStreams: false })
  }
}
