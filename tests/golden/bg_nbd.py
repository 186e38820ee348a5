"""BG/NBD (Fader, Hardie and Lee 2005) by integrating over what the model leaves unknown, and Gamma-Gamma.

A customer buys at rate l while alive, and leaves after each repeat purchase with probability p. Given both, all is plain:
x purchases, the last at t_x, and alive at T have the density (1-p)^x l^x e^(-l T), gone since t_x p (1-p)^(x-1) l^x e^(-l t_x);
one who is alive buys (1 - e^(-l p t)) / p times in the time t to come. Rates are gamma(r, alpha), p is beta(a, b): the
first integral is elementary, the second is taken by quadrature. No hypergeometric function, as the paper has them, is used.
"""

import math

# The parameters that the papers print for CDNOW, times in weeks.
R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426
P, Q, GAMMA = 6.25, 3.74, 15.44


def nodes():
    """p, 1 - p and weights of the density beta(A, B), by the substitution p = 1 / (1 + e^(pi sinh u)) (tanh-sinh)."""
    step, found = 2.0**-6, []
    beta = math.exp(math.lgamma(A) + math.lgamma(B) - math.lgamma(A + B))
    for k in range(-320, 321):
        u = k * step
        ln_odds = math.pi * math.sinh(u)
        # ln p and ln (1 - p), each without loss at its own end
        ln_p, ln_rest = -math.log1p(math.exp(min(ln_odds, 700))), -math.log1p(math.exp(min(-ln_odds, 700)))
        weight = step * math.pi * math.cosh(u) * math.exp(A * ln_p + B * ln_rest) / beta
        if weight > 0:
            found.append((math.exp(ln_p), math.exp(ln_rest), weight))
    return found


NODES = nodes()
assert abs(math.fsum(w for _, _, w in NODES) - 1) < 1e-13
assert abs(math.fsum(w * p for p, _, w in NODES) - A / (A + B)) < 1e-13


def over_p(of):
    return math.fsum(w * of(p, rest) for p, rest, w in NODES)


def over_rates(n, time):
    """The mean of l^n e^(-l time) over gamma(R, ALPHA)."""
    return math.exp(math.lgamma(R + n) - math.lgamma(R) + R * math.log(ALPHA) - (R + n) * math.log(ALPHA + time))


def likelihoods(x, t_x, t):
    """Of this history and being alive at its end, and of having left."""
    alive = over_p(lambda p, rest: rest**x) * over_rates(x, t)
    gone = over_p(lambda p, rest: p * rest ** (x - 1)) * over_rates(x, t_x) if x > 0 else 0.0
    return alive, gone


def p_alive(x, t_x, t):
    alive, gone = likelihoods(x, t_x, t)
    return alive / (alive + gone)


def expected(x, t_x, t, ahead):
    """Purchases expected in the time `ahead` of a customer with this history."""
    def of(p, rest):
        # (1 - e^(-l p ahead)) / p, times the density, over all rates
        ratio = -math.expm1(-(R + x) * math.log1p(p * ahead / (ALPHA + t)))
        return rest**x * ratio / p
    return over_p(of) * over_rates(x, t) / sum(likelihoods(x, t_x, t))


def forever(x, t_x, t, rate):
    """All purchases expected of a customer with this history, each worth e^(-rate s) where it comes s after t: l / (l p + rate)
    at rate l and with probability p, over both; rates by the trapezoidal rule in their logarithm."""
    step, found = 0.05, 0.0
    for k in range(-900, 200):
        rate_of = math.exp(k * step)
        density = R * math.log(ALPHA) - math.lgamma(R) + (R + x) * k * step - (ALPHA + t) * rate_of
        if density > -700:
            found += step * math.exp(density) * over_p(lambda p, rest: rest**x * rate_of / (rate_of * p + rate))
    return found / sum(likelihoods(x, t_x, t))


def probability(n, t):
    """That a customer makes n repeat purchases in the time t after the first."""
    def poisson(j):
        # The mean over all rates of (l t)^j e^(-l t) / j!
        return math.exp(j * math.log(t) - math.lgamma(j + 1)) * over_rates(j, t)
    still = over_p(lambda p, rest: rest**n) * poisson(n)
    if n == 0:
        return still
    return still + over_p(lambda p, rest: p * rest ** (n - 1)) * (1 - math.fsum(poisson(j) for j in range(n)))


def order_value(x, mean):
    """The value expected of an order, after x repeat orders of this mean value."""
    return P * (GAMMA + x * mean) / (P * x + Q - 1)


# Fader, Hardie and Lee (2005), "Implementing the BG/NBD model in Excel", have 1.226 purchases in 39 weeks for x = 2, t_x = 30.43, T = 38.86.
assert abs(expected(2, 30.43, 38.86, 39) - 1.226) < 5e-4
