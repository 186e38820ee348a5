//! The likelihoods of the continuous models against 60 digits, and their slopes against differences.

use crate::models::purchases::bg_nbd::BgNbd;
use crate::models::purchases::histories::{Histories, History};
use crate::models::purchases::mbg_nbd::MbgNbd;
use crate::models::purchases::pareto_nbd::ParetoNbd;
use crate::models::purchases::purchase_model::Fitting;
use crate::models::purchases::two_endings::log_likelihood;

/// Four parameters, x, `t_x`, T, and the log-likelihood by mpmath 1.4.1 (the formulas of the papers with their 2F1).
type Row = (f64, f64, f64, f64, u32, f64, f64, f64);

const BG_NBD_BY_MPMATH: [Row; 8] = [
    (0.243, 4.414, 0.793, 2.426, 0, 0.0, 38.86, -0.554_713_276_438_158_5),
    (0.243, 4.414, 0.793, 2.426, 2, 30.43, 38.86, -9.458_606_307_066_27),
    (0.243, 4.414, 0.793, 2.426, 26, 30.86, 31.0, -37.726_579_473_394_44),
    (0.243, 4.414, 0.793, 2.426, 7, 39.0, 39.0, -22.240_273_157_163_376),
    (0.243, 4.414, 0.793, 2.426, 3000, 38.5, 39.0, 9_724.580_938_814_759),
    (0.243, 4.414, 0.793, 2.426, 5000, 1.0, 900.0, 29_123.553_881_164_065),
    (0.001, 0.001, 0.001, 0.001, 5, 3.0, 700.0, -18.219_881_344_165_554),
    (900.0, 10_000.0, 30.0, 5.0, 2, 3.0, 700.0, -7.213_571_846_985_158),
];
const MBG_NBD_BY_MPMATH: [Row; 8] = [
    (0.525, 6.183, 0.891, 1.614, 0, 0.0, 38.86, -0.539_837_463_531_014_6),
    (0.525, 6.183, 0.891, 1.614, 2, 30.43, 38.86, -9.485_551_314_533_932),
    (0.525, 6.183, 0.891, 1.614, 26, 30.86, 31.0, -38.322_126_947_829_794),
    (0.525, 6.183, 0.891, 1.614, 7, 39.0, 39.0, -22.175_097_723_228_66),
    (0.525, 6.183, 0.891, 1.614, 3000, 38.5, 39.0, 9_605.021_520_568_23),
    (0.525, 6.183, 0.891, 1.614, 5000, 1.0, 900.0, 27_712.085_466_249_737),
    (0.001, 0.001, 0.001, 0.001, 5, 3.0, 700.0, -18.443_174_845_305_53),
    (900.0, 10_000.0, 30.0, 5.0, 2, 3.0, 700.0, -9.032_730_290_401_329),
];
const PARETO_NBD_BY_MPMATH: [Row; 10] = [
    (0.553, 10.578, 0.606, 11.669, 0, 0.0, 38.86, -0.521_046_294_080_890_4),
    (0.553, 10.578, 0.606, 11.669, 2, 30.43, 38.86, -9.554_283_245_150_407),
    (0.553, 10.578, 0.606, 11.669, 26, 30.86, 31.0, -39.131_671_540_302_776),
    (0.553, 10.578, 0.606, 11.669, 7, 39.0, 39.0, -21.906_025_598_005_773),
    (0.553, 10.578, 0.606, 11.669, 3000, 38.5, 39.0, 9_329.476_431_570_929),
    (0.553, 10.578, 0.606, 11.669, 5000, 1.0, 900.0, 25_332.119_625_347_925),
    (0.001, 0.001, 0.001, 0.001, 5, 3.0, 700.0, -17.755_953_164_969_686),
    (0.6, 900.0, 0.4, 0.01, 2, 3.0, 700.0, -16.136_004_104_911_617),
    (0.6, 0.01, 2.4, 500.0, 0, 0.0, 40.0, -4.745_264_556_832_105),
    (2.0, 20.0, 3.0, 20.0, 4, 0.5, 9.0, -8.431_802_198_052_479),
];

fn check<M: Fitting>(rows: &[Row]) {
    for &(one, two, three, four, x, t_x, t_cal, expected) in rows {
        let histories = Histories::new(vec![(History { x, t_x, t_cal }, 1)]).unwrap();
        let found = log_likelihood(&M::from_array([one, two, three, four]), histories.linked()).ln;
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error < 1e-12, "{} {one} {two} {three} {four} {x} {t_x} {t_cal}: {found} for {expected}", M::NAME);
    }
}

#[test]
fn likelihoods_are_those_of_the_papers_in_mpmath() {
    check::<BgNbd>(&BG_NBD_BY_MPMATH);
    check::<MbgNbd>(&MBG_NBD_BY_MPMATH);
    check::<ParetoNbd>(&PARETO_NBD_BY_MPMATH);
}

/// No repeats, a purchase on the last day, one at once and then silence, thousands of purchases.
fn edges() -> Histories {
    let of = |x, t_x, t_cal| (History { x, t_x, t_cal }, 1);
    let histories = [of(0, 0.0, 0.0), of(0, 0.0, 39.0), of(1, 39.0, 39.0), of(2, 0.01, 39.0), of(4_000, 38.0, 39.0)];
    Histories::new(histories.to_vec()).unwrap()
}

fn check_slopes<M: Fitting>(parameters: &[[f64; 4]]) {
    for &at in parameters {
        let sum = log_likelihood(&M::from_array(at), edges().linked());
        assert!(sum.ln.is_finite(), "{} {at:?}: {sum:?}", M::NAME);
        for i in 0..4 {
            let shifted = |steps: f64| {
                let mut at = at;
                at[i] *= 1.0 + steps * 1e-3;
                log_likelihood(&M::from_array(at), edges().linked()).ln
            };
            // central, of fourth order
            let difference = (8.0 * (shifted(1.0) - shifted(-1.0)) - (shifted(2.0) - shifted(-2.0))) / (12e-3 * at[i]);
            let rounding = 1e-11 * sum.ln.abs() / at[i];
            let error = (sum.slopes[i] - difference).abs();
            assert!(
                error < 1e-7 * difference.abs() + rounding,
                "{} {at:?} {}: {} for {difference}",
                M::NAME,
                M::NAMES[i],
                sum.slopes[i]
            );
        }
    }
}

#[test]
fn slopes_are_those_of_differences() {
    let dropout_at_purchases = [[0.243, 4.414, 0.793, 2.426], [1e-5, 1e-4, 1e-5, 1e-5], [500.0, 1e4, 80.0, 0.3]];
    check_slopes::<BgNbd>(&dropout_at_purchases);
    check_slopes::<MbgNbd>(&dropout_at_purchases);
    let dropout_in_time =
        [[0.553, 10.578, 0.606, 11.669], [0.4, 900.0, 0.01, 0.002], [3.0, 0.002, 1.0, 4e4], [1e-4, 7.0, 1e-4, 7.0]];
    check_slopes::<ParetoNbd>(&dropout_in_time);
}
