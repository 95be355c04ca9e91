import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url'
import type { PlaceOnPage } from './place-on-page.ts'

/** A document opened for drawing. Call `close` when it is no longer shown. */
export interface OpenPdf {
  readonly pageCount: number
  /** Width over height of a page, from 1, so that its place can be kept before it is drawn. */
  ratio(page: number): Promise<number>
  /** Draws a page onto the canvas, `width` CSS pixels wide. */
  draw(page: number, canvas: HTMLCanvasElement, width: number): Promise<void>
  /** Where a rectangle (points of the page, PDF's corners) lies on the drawn page, in parts of its width and height. */
  place(page: number, rect: readonly number[]): Promise<PlaceOnPage>
  close(): void
}

/**
 * Opens a PDF for drawing. pdf.js is loaded only now, from our own bundle.
 * No script of a document ever runs: pdf.js is given no sandbox for them, and the page’s own policy allows no `eval`.
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
    async place(number, rect) {
      const viewport = (await pdf.getPage(number)).getViewport({ scale: 1 })
      const [left = 0, bottom = 0, right = 0, top = 0] = rect
      const [x0 = 0, y0 = 0] = viewport.convertToViewportPoint(left, bottom) as number[]
      const [x1 = 0, y1 = 0] = viewport.convertToViewportPoint(right, top) as number[]
      return {
        left: Math.min(x0, x1) / viewport.width,
        top: Math.min(y0, y1) / viewport.height,
        width: Math.abs(x1 - x0) / viewport.width,
        height: Math.abs(y1 - y0) / viewport.height,
      }
    },
    close() {
      void task.destroy()
    },
  }
}
