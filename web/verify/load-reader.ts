/** Tells the texts of all QR codes in a picture. */
export type ReadQrCodes = (picture: Blob | ImageData) => Promise<string[]>

/** The reader of QR codes, which comes when it is first needed; `undefined` where it cannot be fetched now. */
export async function loadReader(): Promise<ReadQrCodes | undefined> {
  try {
    const { prepareReader, readQrCodes } = await import('./qr-reader.ts')
    await prepareReader()
    return readQrCodes
  } catch {
    return undefined
  }
}
