/** Parts of a page's width and height, 0 to 1, from its upper left corner. */
export interface PlaceOnPage {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}
