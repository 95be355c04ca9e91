import { prepareZXingModule, purgeZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

// By default the library fetches its WebAssembly from a content network; ours comes with the page.
const overrides = {
  locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path),
}
prepareZXingModule({ overrides })

/**
 * Fetches the reader, the first time.
 * @throws where it cannot be had: there is no network, and it is not yet kept on this device
 */
export async function prepareReader(): Promise<void> {
  try {
    await prepareZXingModule({ overrides, fireImmediately: true })
  } catch (error) {
    // A failure would be remembered, and the network may be back at the next try.
    purgeZXingModule()
    prepareZXingModule({ overrides })
    throw error
  }
}

/** The texts of all QR codes in a picture file or a camera frame. */
export async function readQrCodes(picture: Blob | ImageData): Promise<string[]> {
  const found = await readBarcodes(picture, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 8 })
  return found.filter((code) => code.isValid).map((code) => code.text)
}
