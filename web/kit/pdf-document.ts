import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url'

/** A document opened for drawing. Call `close` when it is no longer shown. */
export interface OpenPdf {
  readonly pageCount: number
  /** Width over height of a page, from 1, so that its place can be kept before it is drawn. */
  ratio(page: number): Promise<number>
  /** Draws a page onto the canvas, `width` CSS pixels wide. */
  draw(page: number, canvas: HTMLCanvasElement, width: number): Promise<void>
  close(): void
}

/**
 * Opens a PDF for drawing. pdf.js is loaded only now, from our own bundle.
 * Only documents of this service are drawn: fonts are embedded, no script of the document ever runs.
 * @throws when the bytes are no PDF.
 */
export async function openPdf(bytes: ArrayBuffer): Promise<OpenPdf> {
  const pdfjs = await import('pdfjs-dist')
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl
  const task = pdfjs.getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, enableXfa: false })
  const pdf = await task.promise
  return {
    pageCount: pdf.numPages,
    async ratio(number) {
      const { width, height } = (await pdf.getPage(number)).getViewport({ scale: 1 })
      return width / height
    },
    async draw(number, canvas, width) {
      const page = await pdf.getPage(number)
      const natural = page.getViewport({ scale: 1 })
      // Beyond twice the screen's pixels nothing is gained and phones run out of canvas memory.
      const scale = (width * Math.min(globalThis.devicePixelRatio || 1, 2)) / natural.width
      const viewport = page.getViewport({ scale })
      canvas.width = Math.round(viewport.width)
      canvas.height = Math.round(viewport.height)
      await page.render({ canvas, viewport, annotationMode: pdfjs.AnnotationMode.ENABLE }).promise
    },
    close() {
      void task.destroy()
    },
  }
}
