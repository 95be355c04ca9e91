/** Text a page may show as it is: well formed, no control or direction-changing characters, at most so many UTF-16 units. */
export function isPlainText(text: string, longest = 400): boolean {
  return (
    text.length > 0 &&
    text.length <= longest &&
    text.isWellFormed() &&
    !/[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.test(text)
  )
}
