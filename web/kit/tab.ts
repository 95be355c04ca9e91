const OWNER = 'zhengyin-tab-of'

/** What somebody typed and did not hand in stays in this tab for that person alone; `null`: nobody is logged in any more. */
export function giveTabTo(accountId: string | null): void {
  try {
    if (sessionStorage.getItem(OWNER) !== accountId) sessionStorage.clear()
    if (accountId !== null) sessionStorage.setItem(OWNER, accountId)
  } catch {
    // Storage is refused: nothing was kept either.
  }
}
