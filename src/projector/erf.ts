/** The error function, and its other end where that is too small for a number. */

/** To double precision: the Maclaurin series near 0, beyond it 1 − the continued fraction of erfc (DLMF 7.9.4). */
export function erf(x: number): number {
  const t = x * x;
  if (t < 4) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= -t / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  return Math.sign(x) * (1 - Math.exp(logErfc(Math.abs(x))));
}

/** ln(1 − erf(x)) for x ≥ 2, where 1 − erf(x) itself may be too small for a number. */
export function logErfc(x: number): number {
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction);
  return -x * x - Math.log(Math.sqrt(Math.PI) * (x + fraction));
}

/** ln Φ(x), the normal distribution, also where Φ(x) is too small for a number. */
export function logNormalBelow(x: number): number {
  const at = -x / Math.SQRT2;
  return at < 2 ? Math.log((1 - erf(at)) / 2) : logErfc(at) - Math.LN2;
}
