/** The reader of QR codes, which comes when it is first needed; `undefined` where it cannot be fetched now. */
export async function loadReader(): Promise<typeof import('./qr-reader.ts') | undefined> {
  try {
    const reader = await import('./qr-reader.ts')
    await reader.prepareReader()
    return reader
  } catch {
    return undefined
  }
}
