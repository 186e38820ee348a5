"""The tables `BY_MPMATH` in `src/models`, computed with 60 digits. mpmath 1.4.1; run: python mpmath_reference.py"""

from mpmath import beta, digamma, exp, hyp2f1, log, loggamma, mp, mpf, rf

mp.dps = 60


def show(name, rows):
    print(f"// {name}")
    for row in rows:
        print("(" + ", ".join(repr(float(value)) for value in row) + "),")


def dropout(r, alpha, a, b, t):
    """E[X(t)] of BG/NBD: Fader, Hardie, Lee (2005), eq. 9."""
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t)))


def tail(m, alpha, n, beta_, t):
    """ln of the integral of (alpha+y)^-m (beta+y)^-n from t to infinity."""
    if alpha < beta_:
        m, alpha, n, beta_ = n, beta_, m, alpha
    hi, lo = alpha + t, beta_ + t
    return log(hyp2f1(m, 1, m + n, 1 - lo / hi)) - m * log(hi) + (1 - n) * log(lo) - log(m + n - 1)


def bg_nbd(r, alpha, a, b, x, t_x, t_cal):
    alive = beta(a, b + x) / beta(a, b) * (alpha + t_cal) ** -(r + x)
    gone = beta(a + 1, b + x - 1) / beta(a, b) * (alpha + t_x) ** -(r + x) if x > 0 else 0
    return log(rf(r, x) * alpha**r * (alive + gone))


def mbg_nbd(r, alpha, a, b, x, t_x, t_cal):
    alive = beta(a, b + x + 1) / beta(a, b) * (alpha + t_cal) ** -(r + x)
    gone = beta(a + 1, b + x) / beta(a, b) * (alpha + t_x) ** -(r + x)
    return log(rf(r, x) * alpha**r * (alive + gone))


def pareto_nbd(r, alpha, s, beta_, x, t_x, t_cal):
    """Fader, Hardie (2005), A Note on Deriving the Pareto/NBD Model, with its two branches."""
    n = r + s + x

    def a_0(t):
        if alpha >= beta_:
            return hyp2f1(n, s + 1, n + 1, (alpha - beta_) / (alpha + t)) / (alpha + t) ** n
        return hyp2f1(n, r + x, n + 1, (beta_ - alpha) / (beta_ + t)) / (beta_ + t) ** n

    alive = (alpha + t_cal) ** -(r + x) * (beta_ + t_cal) ** -s
    return log(rf(r, x) * alpha**r * beta_**s * (alive + s / n * (a_0(t_x) - a_0(t_cal))))


def alive_bg_nbd(r, alpha, a, b, x, t_x, t_cal):
    """P(alive): the share of the likelihood that is of the living."""
    alive = beta(a, b + x) / beta(a, b) * (alpha + t_cal) ** -(r + x)
    return rf(r, x) * alpha**r * alive / exp(bg_nbd(r, alpha, a, b, x, t_x, t_cal))


def alive_mbg_nbd(r, alpha, a, b, x, t_x, t_cal):
    alive = beta(a, b + x + 1) / beta(a, b) * (alpha + t_cal) ** -(r + x)
    return rf(r, x) * alpha**r * alive / exp(mbg_nbd(r, alpha, a, b, x, t_x, t_cal))


def alive_pareto_nbd(r, alpha, s, beta_, x, t_x, t_cal):
    alive = (alpha + t_cal) ** -(r + x) * (beta_ + t_cal) ** -s
    return rf(r, x) * alpha**r * beta_**s * alive / exp(pareto_nbd(r, alpha, s, beta_, x, t_x, t_cal))


def table(function, arguments):
    return [(*row, function(*map(mpf, row))) for row in arguments]


show("special: x, ln gamma, digamma", [
    (x, loggamma(mpf(x)), digamma(mpf(x)))
    for x in (1e-8, 1e-3, 0.243, 0.9, 1.4616, 1.999, 2.426, 5.5, 10.578, 25.0, 100.25, 12345.678, 1e6, 1e8)
])
show("special: a, b, ln beta", table(lambda a, b: log(beta(a, b)), [
    (1e-6, 1e-6), (0.793, 2.426), (0.5, 0.5), (0.8, 1e8), (1e-4, 5000.0), (20.0, 30.0), (1234.5, 98765.4),
    (1e6, 1e6), (3.0, 1e12),
]))
show("dropout: r, alpha, a, b, t, expected", table(dropout, [
    (0.243, 4.414, 0.793, 2.426, 39.0), (0.243, 4.414, 0.793, 2.426, 1e-6), (0.243, 4.414, 0.793, 2.426, 7800.0),
    (26.243, 35.414, 0.793, 28.426, 52.0), (3000.25, 400.0, 0.793, 3002.4, 52.0), (0.5, 0.001, 0.01, 0.3, 365.0),
    (2.0, 10.0, 1.0000001, 3.0, 20.0), (1.5, 3.0, 50.0, 900.0, 10.0), (0.05, 1e-3, 2.5, 0.2, 1e4),
    (5000.0, 8.0, 0.3, 9000.0, 2.0),
]))
show("tail: m, alpha, n, beta, t, ln K", table(tail, [
    (0.553, 10.578, 1.606, 11.669, 0.0), (1.553, 10.578, 0.606, 11.669, 39.0), (26.553, 10.578, 1.606, 11.669, 30.86),
    (3000.5, 10.0, 1.6, 12.0, 38.0), (0.3, 50.0, 1.2, 0.001, 0.0), (1.3, 1e6, 0.05, 0.01, 3.0),
    (0.02, 2.0, 1.01, 9.0, 1.0), (12.0, 0.001, 1.7, 300.0, 0.5), (2000.0, 0.5, 1.2, 800.0, 0.25),
    (4000.0, 900.0, 1.4, 0.01, 0.02),
]))
HISTORIES = [(0, 0.0, 38.86), (2, 30.43, 38.86), (26, 30.86, 31.0), (7, 39.0, 39.0), (3000, 38.5, 39.0), (5000, 1.0, 900.0)]
show("bg_nbd: r, alpha, a, b, x, t_x, T, ln L", table(bg_nbd, [
    *((0.243, 4.414, 0.793, 2.426, *h) for h in HISTORIES), (1e-3, 1e-3, 1e-3, 1e-3, 5, 3.0, 700.0),
    (900.0, 1e4, 30.0, 5.0, 2, 3.0, 700.0),
]))
show("mbg_nbd: r, alpha, a, b, x, t_x, T, ln L", table(mbg_nbd, [
    *((0.525, 6.183, 0.891, 1.614, *h) for h in HISTORIES), (1e-3, 1e-3, 1e-3, 1e-3, 5, 3.0, 700.0),
    (900.0, 1e4, 30.0, 5.0, 2, 3.0, 700.0),
]))
mp.dps = 400  # the difference of two 2F1 loses digits
show("pareto_nbd: r, alpha, s, beta, x, t_x, T, ln L", table(pareto_nbd, [
    *((0.553, 10.578, 0.606, 11.669, *h) for h in HISTORIES), (1e-3, 1e-3, 1e-3, 1e-3, 5, 3.0, 700.0),
    (0.6, 900.0, 0.4, 0.01, 2, 3.0, 700.0), (0.6, 0.01, 2.4, 500.0, 0, 0.0, 40.0), (2.0, 20.0, 3.0, 20.0, 4, 0.5, 9.0),
]))
SILENT = [(40, 38.0, 39.0), (1, 1e-9, 39.0), (300, 20.0, 20.5), (0, 0.0, 1e5)]
for name, alive, parameters in (
    ("bg_nbd", alive_bg_nbd, (0.243, 4.414, 0.793, 2.426)),
    ("mbg_nbd", alive_mbg_nbd, (0.525, 6.183, 0.891, 1.614)),
    ("pareto_nbd", alive_pareto_nbd, (0.553, 10.578, 0.606, 11.669)),
):
    show(f"{name}: four parameters, x, t_x, T, P(alive)", table(alive, [
        *((*parameters, *h) for h in [*HISTORIES, *SILENT]), (1e-3, 1e-3, 1e-3, 1e-3, 5, 3.0, 700.0),
        (1e-3, 50.0, 2.0, 1e-3, 3, 5.0, 6.0), (900.0, 1e4, 30.0, 5.0, 2, 3.0, 700.0),
    ]))
