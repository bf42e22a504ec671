/** @file How fast labels are given: images an hour, or null while there is too little to say. */
export const pace = (images: number, milliseconds: number): number | null =>
  images < 10 || milliseconds < 5000 ? null : Math.round((images * 3_600_000) / milliseconds / 10) * 10;
