export type Side = 'left' | 'middle' | 'right'

/** Which part of the picture was tapped: the outer thirds jump, the middle does not. */
export function tapSide(x: number, width: number): Side {
  if (x < width / 3) return 'left'
  return x > (width * 2) / 3 ? 'right' : 'middle'
}
