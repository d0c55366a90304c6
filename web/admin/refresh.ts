/** Workers and jobs come and go within seconds; two seconds is what a person notices. */
export const refreshMs = 2_000;
