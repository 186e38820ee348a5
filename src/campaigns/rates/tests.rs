//! Intervals and tests against statsmodels 0.15.0 with scipy 1.17.1, and figures of Newcombe's paper.
#![allow(clippy::cast_precision_loss, clippy::excessive_precision)] // small counts; figures as other tools print them

use super::*;
use crate::campaigns::normal::critical;

fn rate(responders: u64, contacts: u64) -> Rate {
    Rate { responders, contacts }
}

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "found {found}, expected {expected}");
}

/// `proportion_confint(k, n, alpha, method="wilson")`.
#[test]
fn intervals_are_wilson_s() {
    for (k, n, confidence, low, high) in [
        (320, 6_400, 0.95, 0.044_925_168_115_041_98, 0.055_614_712_979_900_27),
        (0, 50, 0.95, 0.0, 0.071_347_599_133_358_72),
        (50, 50, 0.95, 0.928_652_400_866_641_4, 1.0),
        (1, 10, 0.9, 0.022_634_908_730_867_18, 0.347_718_667_335_858_37),
        (113, 6_400, 0.95, 0.014_707_054_011_595_819, 0.021_184_131_037_045_403),
        (15, 148, 0.99, 0.053_644_869_613_963_86, 0.183_267_350_113_152_5),
        (5_246, 20_000, 0.95, 0.256_249_680_043_488_97, 0.268_441_613_897_583_1),
    ] {
        let found = rate(k, n).wilson(critical(confidence)).unwrap();
        assert_near(found.low, low);
        assert_near(found.high, high);
    }
    assert_eq!(rate(0, 0).wilson(1.96), None);
}

/// `proportions_ztest(k, n, value=p, prop_var=p)`.
#[test]
fn p_values_are_those_of_the_score_test() {
    let break_even = 0.62 / 35.0;
    for (k, n, expected, p) in [
        (113, 6_400, break_even, 0.971_922_723_149_008_1),
        (150, 6_400, break_even, 0.000_518_606_671_461_061_2),
        (80, 6_400, break_even, 0.001_565_242_751_763_871_7),
        (5, 10, 0.25, 0.067_889_154_861_829_03),
    ] {
        let found = rate(k, n).score_test(expected).unwrap();
        assert!((found / p - 1.0).abs() < 1e-9, "{k}/{n}: {found}, expected {p}");
    }
}

#[test]
fn the_test_rejects_where_the_interval_ends() {
    let z = critical(0.95);
    for (k, n) in [(1, 10), (113, 6_400), (9, 10), (3, 400)] {
        let Interval { low, high } = rate(k, n).wilson(z).unwrap();
        for border in [low, high] {
            let p = rate(k, n).score_test(border).unwrap();
            assert!((p - 0.05).abs() < 1e-9, "{k}/{n} at {border}: {p}");
        }
    }
}

#[test]
fn rates_that_nobody_or_anybody_exceeds() {
    let p = |k, expected| rate(k, 10).score_test(expected);
    assert_eq!((p(1, 0.0), p(0, 0.0)), (Some(0.0), Some(1.0)));
    assert_eq!((p(10, 1.0), p(9, 1.0), p(10, 1.5)), (Some(1.0), Some(0.0), Some(0.0)));
    assert_eq!(rate(0, 0).score_test(0.5), None);
}

/// Newcombe (1998), table II, method 10: 56/70 - 48/80 is 0.0524 to 0.3339, 9/10 - 3/10 is 0.1705 to 0.8090, 10/10 - 0/20 is 0.6791
/// to 1; and `confint_proportions_2indep(.., method="newcomb")`.
#[test]
fn differences_have_newcombe_s_interval() {
    let z = critical(0.95);
    for ((k, n), (l, m), low, high) in [
        ((56, 70), (48, 80), 0.052_431_472_402_364_98, 0.333_872_654_036_906_14),
        ((9, 10), (3, 10), 0.170_522_723_934_502_9, 0.809_017_973_535_488),
        ((10, 10), (0, 20), 0.679_086_037_141_914_5, 1.0),
        ((120, 4_000), (20, 1_000), -0.001_739_673_616_040_877, 0.019_074_026_760_287_174),
    ] {
        let found = difference(rate(k, n), rate(l, m), z).unwrap();
        assert_near(found.interval.low, low);
        assert_near(found.interval.high, high);
        assert!((found.difference - (k as f64 / n as f64 - l as f64 / m as f64)).abs() < 1e-15);
    }
    assert_eq!(difference(rate(1, 2), rate(0, 0), z), None);
}

/// By hand: sorted .005, .01, .03, .04, .04, .5 times 6/1 .. 6/6 is .03, .03, .06, .06, .048, .5, and no more than what follows.
/// `multipletests(p, method="fdr_bh")` gives the same.
#[test]
fn p_values_are_adjusted_as_benjamini_and_hochberg_do() {
    let adjusted = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005, 0.5, 0.04]);
    for (found, expected) in adjusted.into_iter().zip([0.03, 0.048, 0.048, 0.03, 0.5, 0.048]) {
        assert_near(found, expected);
    }
    assert_eq!((benjamini_hochberg(&[0.2]), benjamini_hochberg(&[])), (vec![0.2], vec![]));
}

/// By the formula with a pencil, for 1 of 2:
/// (.5 + z^2/4 -+ z sqrt(.125 + z^2/16)) / (1 + z^2/2).
#[test]
fn wilson_as_in_the_formula() {
    let z = critical(0.95);
    let wilson = |responders, contacts| rate(responders, contacts).wilson(z).map(|found| [found.low, found.high]);
    let near = |found: [f64; 2], expected: [f64; 2]| {
        assert!((found[0] - expected[0]).abs() < 1e-12 && (found[1] - expected[1]).abs() < 1e-12, "{found:?}");
    };
    let square = z * z;
    let spread = z * (0.125 + square / 16.0).sqrt();
    let expected = [-1.0, 1.0].map(|sign| (0.5 + square / 4.0 + sign * spread) / (1.0 + square / 2.0));
    near(wilson(1, 2).unwrap(), expected);
    let [low, high] = wilson(0, 10).unwrap();
    near([low, high], [0.0, square / (10.0 + square)]);
    near(wilson(10, 10).unwrap(), [10.0 / (10.0 + square), 1.0]);
    assert_eq!(wilson(0, 0), None);
}
