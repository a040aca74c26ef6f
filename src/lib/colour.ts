/** Relative luminance and contrast as WCAG 2.2 defines them. */
type Rgb = readonly [number, number, number]

const parse = (hex: string): Rgb => {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

const print = (rgb: Rgb): string =>
  `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`

const luminance = (hex: string): number => {
  const [r, g, b] = parse(hex).map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** From 1 (the same) to 21 (black on white), for two colours as `#rrggbb`. */
export const contrast = (one: string, other: string): number => {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [
    number,
    number,
  ]
  return (lighter + 0.05) / (darker + 0.05)
}

/** `share` of the second colour in the first, from 0 to 1. */
export const mix = (one: string, other: string, share: number): string => {
  const to = parse(other)
  return print(parse(one).map((part, i) => part + (to[i]! - part) * share) as unknown as Rgb)
}

/** White where it can be read on the colour (4.5:1), else black, which then always can. */
export const textOn = (colour: string): '#ffffff' | '#000000' =>
  contrast(colour, '#ffffff') >= 4.5 ? '#ffffff' : '#000000'

/** The colour, moved no further towards `pole` than it takes to stand out from `ground`. */
export const standingOut = (
  colour: string,
  ground: string,
  pole: '#ffffff' | '#000000',
  ratio: number,
): string => {
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mix(colour, pole, share)
    if (contrast(candidate, ground) >= ratio) return candidate
  }
  return pole
}
