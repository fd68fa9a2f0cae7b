/** Pixels; the virtual list and the drawn option agree on it. */
export const optionHeight = 48;
