import { hueOf } from '../colour'

/** A hue for a name in the chat. Names that differ in their last letter alone are far apart on the wheel. */
export const nameHue = (name: string) => (hueOf(name.toLowerCase()) * 137) % 360
