const nameOf = (name: string) => `zhengyin-seal-draft-${name}`

/** What was typed and not handed in yet, of this tab; storage that is refused keeps nothing. */
export function readDraft(name: string): object | undefined {
  try {
    const text = sessionStorage.getItem(nameOf(name))
    return text ? (JSON.parse(text) as object) : undefined
  } catch {
    return undefined
  }
}

export function writeDraft(name: string, form: object): void {
  try {
    sessionStorage.setItem(nameOf(name), JSON.stringify(form))
  } catch {
    dropDraft(name)
  }
}

export function dropDraft(name: string): void {
  try {
    sessionStorage.removeItem(nameOf(name))
  } catch {
    // Storage is refused: nothing was kept either.
  }
}
