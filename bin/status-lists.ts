// Signed status lists as texts at hand, of which some may be damaged: that is evidence missing, and nothing is accepted without it.
import { LicenceFormatError, type ParsedStatusList, parseStatusList } from '../licence-format/index.ts'
import { PkiError } from '../pki/index.ts'

/** Parsed, unverified; null where it is no such list. */
export async function parseStatusListOrNull(text: string): Promise<ParsedStatusList | null> {
  try {
    return await parseStatusList(text)
  } catch (error) {
    if (error instanceof LicenceFormatError || error instanceof PkiError) return null
    throw error
  }
}

/** Status lists by their addresses, without the damaged ones. */
export async function indexStatusLists(texts: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const lists = new Map<string, string>()
  for (const text of texts) {
    const list = await parseStatusListOrNull(text)
    if (list) lists.set(list.address, text)
  }
  return lists
}
