//! The minimum of a smooth function of a few variables whose gradient is known.
//!
//! BFGS (Nocedal and Wright, 2006, algorithm 6.1) with the weak Wolfe search of Lewis and Overton (2013): double the
//! step while it falls short, halve it where it goes too far. Near the minimum, values differ by less than the rounding
//! of their sums, but slopes do not: there the approximate Wolfe conditions of Hager and Zhang (2005) apply, which use
//! the slopes alone. Then the Hessian by differences of the gradient. Does not live here: what is minimised, starts,
//! and judgement on the outcome.

/// Sufficient decrease and curvature, as Nocedal and Wright recommend for quasi-Newton steps.
const DECREASE: f64 = 1e-4;
const CURVATURE: f64 = 0.9;
/// Values that differ by less than this share of them count as equal. The rounding of a sum over half a million patterns is a
/// tenth of it.
const NOISE: f64 = 1e-13;
/// Each start needs 20 to 60; a flat ridge more.
const ITERATIONS: u32 = 400;
/// Halvings and doublings of one step: 2^-40 is below what moves a variable of order 1.
const TRIALS: u32 = 40;
/// After this many steps in a row that a wall cut short, the minimum is taken to lie beyond it.
const STEPS_TO_WALL: u32 = 3;
/// A step that a wall cuts short is tried up to this share of it.
const NEAR_WALL: f64 = 0.1;
/// The largest first move in any variable, so that a steep start does not leave the region it was chosen for.
const FIRST_MOVE: f64 = 1.0;
/// Third root of the precision: where the error of a central difference is least.
const DIFFERENCE: f64 = 6e-6;

/// A value and its gradient.
pub(crate) type Slope<const D: usize> = (f64, [f64; D]);
/// A symmetric matrix.
pub(crate) type Matrix<const D: usize> = [[f64; D]; D];

/// Where a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Minimum<const D: usize> {
    pub(crate) at: [f64; D],
    pub(crate) value: f64,
    pub(crate) gradient: [f64; D],
    pub(crate) iterations: u32,
    pub(crate) evaluations: u32,
}

impl<const D: usize> Minimum<D> {
    /// The largest slope.
    pub(crate) fn gradient_norm(&self) -> f64 {
        largest(&self.gradient)
    }
}

/// Walks down from `start` until no slope is above `tolerance` or no step leads further down.
/// Where `objective` is not finite it counts as infinitely high. `inverse` is a guess of the inverse Hessian.
pub(crate) fn minimise<const D: usize>(
    objective: &dyn Fn(&[f64; D]) -> Slope<D>,
    start: [f64; D],
    inverse: Option<Matrix<D>>,
    tolerance: f64,
) -> Minimum<D> {
    let (value, gradient) = objective(&start);
    let mut here = Minimum { at: start, value, gradient, iterations: 0, evaluations: 1 };
    let mut guess = inverse;
    let mut cut_short = 0;
    while here.iterations < ITERATIONS && here.gradient_norm() > tolerance {
        let matrix = guess.unwrap_or_else(|| first_guess(&here.gradient));
        let direction = times(&matrix, &here.gradient).map(|d| -d);
        let Some((next, is_cut_short)) = search(objective, &mut here, &direction) else {
            if guess.take().is_none() {
                break;
            }
            continue; // once more along the gradient itself
        };
        cut_short = if is_cut_short { cut_short + 1 } else { 0 };
        let step = std::array::from_fn(|i| next.at[i] - here.at[i]);
        let change = std::array::from_fn(|i| next.gradient[i] - here.gradient[i]);
        guess = Some(updated(&matrix, &step, &change, guess.is_none()));
        if next.value >= here.value && next.gradient_norm() >= here.gradient_norm() {
            here.evaluations = next.evaluations;
            break; // rounding decides from here on
        }
        here = next;
        if cut_short == STEPS_TO_WALL {
            break;
        }
    }
    here
}

fn first_guess<const D: usize>(gradient: &[f64; D]) -> Matrix<D> {
    diagonal((FIRST_MOVE / largest(gradient)).min(1.0))
}

/// A point along `direction` that is sufficiently lower and less steep, else the lowest one seen, and whether a wall
/// cut the step short; if there is none, only the evaluations are noted.
fn search<const D: usize>(
    objective: &dyn Fn(&[f64; D]) -> Slope<D>,
    from: &mut Minimum<D>,
    direction: &[f64; D],
) -> Option<(Minimum<D>, bool)> {
    let slope = dot(&from.gradient, direction);
    if slope.is_nan() || slope >= 0.0 {
        return None;
    }
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, 1.0);
    let mut is_cut_short = false;
    let mut best: Option<Minimum<D>> = None;
    let start = *from;
    for _ in 0..TRIALS {
        let at = std::array::from_fn(|i| start.at[i] + length * direction[i]);
        let (value, gradient) = objective(&at);
        from.evaluations += 1;
        let finite = value.is_finite() && gradient.iter().all(|g| g.is_finite());
        let end_slope = dot(&gradient, direction);
        let lower = value <= start.value + DECREASE * length * slope;
        let level =
            (value - start.value).abs() <= NOISE * start.value.abs() && end_slope <= (2.0 * DECREASE - 1.0) * slope;
        if finite && (lower || level) {
            best = Some(Minimum { at, value, gradient, iterations: start.iterations + 1, evaluations: 0 });
            if end_slope >= CURVATURE * slope {
                is_cut_short = false;
                break;
            }
            low = length;
        } else {
            high = length;
            is_cut_short = !finite;
        }
        if is_cut_short && best.is_some() && high - low <= NEAR_WALL * high {
            break;
        }
        length = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * low };
    }
    best.map(|best| (Minimum { evaluations: from.evaluations, ..best }, is_cut_short))
}

/// The update of Broyden, Fletcher, Goldfarb and Shanno; the first one scales the guess to the curvature seen.
fn updated<const D: usize>(matrix: &Matrix<D>, step: &[f64; D], change: &[f64; D], first: bool) -> Matrix<D> {
    let curvature = dot(step, change);
    if curvature <= f64::EPSILON * (dot(step, step) * dot(change, change)).sqrt() {
        return *matrix;
    }
    let matrix = if first { diagonal(curvature / dot(change, change)) } else { *matrix };
    let moved = times(&matrix, change);
    let factor = (1.0 + dot(change, &moved) / curvature) / curvature;
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            matrix[i][j] + factor * step[i] * step[j] - (moved[i] * step[j] + step[i] * moved[j]) / curvature
        })
    })
}

/// The Hessian at `at` by central differences of the gradient, made symmetric.
pub(crate) fn hessian<const D: usize>(objective: &dyn Fn(&[f64; D]) -> Slope<D>, at: &[f64; D]) -> Matrix<D> {
    let rows: Matrix<D> = std::array::from_fn(|i| {
        let step = DIFFERENCE * at[i].abs().max(1.0);
        let beside = |sign: f64| {
            let mut at = *at;
            at[i] += sign * step;
            objective(&at).1
        };
        let (above, below) = (beside(1.0), beside(-1.0));
        std::array::from_fn(|j| (above[j] - below[j]) / (2.0 * step))
    });
    std::array::from_fn(|i| std::array::from_fn(|j| f64::midpoint(rows[i][j], rows[j][i])))
}

/// The largest absolute entry.
pub(crate) fn largest<const D: usize>(vector: &[f64; D]) -> f64 {
    vector.iter().fold(0.0, |largest, entry| if entry.is_nan() { f64::NAN } else { entry.abs().max(largest) })
}

/// A matrix times a vector.
pub(crate) fn times<const D: usize>(matrix: &Matrix<D>, vector: &[f64; D]) -> [f64; D] {
    std::array::from_fn(|i| dot(&matrix[i], vector))
}

fn dot<const D: usize>(one: &[f64; D], other: &[f64; D]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn diagonal<const D: usize>(entry: f64) -> Matrix<D> {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { entry } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock (1960): a curved valley with its minimum at (1, 1).
    fn valley(at: &[f64; 2]) -> Slope<2> {
        let (bend, rest) = (at[1] - at[0] * at[0], 1.0 - at[0]);
        (100.0 * bend * bend + rest * rest, [-400.0 * at[0] * bend - 2.0 * rest, 200.0 * bend])
    }

    #[test]
    fn the_curved_valley_is_followed_to_its_end() {
        let minimum = minimise(&valley, [-1.2, 1.0], None, 1e-10);
        assert!((minimum.at[0] - 1.0).abs() < 1e-9 && (minimum.at[1] - 1.0).abs() < 1e-9, "{minimum:?}");
        assert!(minimum.iterations < 60, "{minimum:?}");
    }

    /// Noise of a hundred times the last digit: near the end only slopes show where it goes down.
    #[test]
    fn the_end_of_the_valley_is_found_where_rounding_hides_the_values() {
        let rough = |at: &[f64; 2]| {
            let (value, slopes) = valley(at);
            // as the last digits of a long sum
            let noise = 3e-14 * (1e9 * at[0] + 7e8 * at[1]).sin();
            (5.0 + value + noise, slopes)
        };
        let minimum = minimise(&rough, [-1.2, 1.0], None, 1e-10);
        assert!(minimum.gradient_norm() <= 1e-10, "{minimum:?}");
        assert!((minimum.at[0] - 1.0).abs() < 1e-9 && (minimum.at[1] - 1.0).abs() < 1e-9, "{minimum:?}");
        assert!(minimum.evaluations < 80, "{minimum:?}");
    }

    #[test]
    fn a_wall_is_not_crossed() {
        let walled = |at: &[f64; 1]| {
            if at[0] < 2.0 { ((at[0] - 5.0).powi(2), [2.0 * (at[0] - 5.0)]) } else { (f64::NAN, [0.0]) }
        };
        let minimum = minimise(&walled, [0.0], None, 1e-10);
        assert!(minimum.at[0] < 2.0 && minimum.at[0] > 1.9, "{minimum:?}");
    }

    /// A valley that falls for ever: customers who are all equal have shapes that go to infinity.
    #[test]
    fn a_valley_that_leads_to_a_wall_is_soon_given_up() {
        let falling = |at: &[f64; 2]| {
            let apart = at[1] - at[0];
            let inside = at.iter().all(|x| x.abs() <= 11.0);
            let value = if inside { (-at[0]).exp() + 3.0 * apart * apart } else { f64::INFINITY };
            (value, [-(-at[0]).exp() - 6.0 * apart, 6.0 * apart])
        };
        let minimum = minimise(&falling, [0.0, -1.0], None, 1e-12);
        assert!(minimum.at[0] > 10.0, "{minimum:?}");
        assert!(minimum.evaluations < 150, "{minimum:?}");
    }

    #[test]
    fn the_hessian_of_the_valley_is_that_of_calculus() {
        let found = hessian(&valley, &[1.0, 1.0]);
        for (row, expected) in found.iter().zip([[802.0, -400.0], [-400.0, 200.0]]) {
            assert!((row[0] - expected[0]).abs() < 1e-4 && (row[1] - expected[1]).abs() < 1e-4, "{found:?}");
        }
    }
}
