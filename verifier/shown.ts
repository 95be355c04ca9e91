const LONGEST = 1_000

/** Controls (a terminal obeys them), and what turns or hides the text around it. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu

/** Characters among which none is unseen, nor half of one: most texts are of them. */
const PLAIN = /^[ -~\u2070-\ud7ff]*$/

/** A text that somebody unknown wrote, as people may be shown it: on one line, of bounded length, in the order in which it stands. */
export function shown(text: string): string {
  if (text.length <= LONGEST && PLAIN.test(text)) return text
  const whole = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`
  return whole.toWellFormed().replace(UNSEEN, '\ufffd')
}
